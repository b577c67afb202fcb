import { compareText } from './version.ts';

/** A decimal number of any length, exactly: digits without needless zeros. */
export interface Decimal {
  readonly negative: boolean;
  readonly whole: string;
  readonly fraction: string;
}

/** No exponents: `12e5` is far more often the start of a commit's hash. */
const DECIMAL = /^(-?)([0-9]+)(?:\.([0-9]+))?$/;

function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
}

/** Parses `-?digits[.digits]`; undefined where the text is no such number. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = DECIMAL.exec(text);
  if (match === null) return undefined;
  const [, sign, integer = '', decimals = ''] = match;
  const whole = integer.replace(/^0+/, '');
  const fraction = withoutTrailingZeros(decimals);
  return { negative: sign === '-' && whole + fraction !== '', whole, fraction };
}

const compareMagnitudes = (a: Decimal, b: Decimal): number =>
  a.whole.length - b.whole.length || compareText(a.whole, b.whole) || compareText(a.fraction, b.fraction);

/** Orders by value, lowest first. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  if (a.negative !== b.negative) return a.negative ? -1 : 1;
  return a.negative ? compareMagnitudes(b, a) : compareMagnitudes(a, b);
}
