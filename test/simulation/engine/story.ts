import { createHash } from 'node:crypto';

interface Line {
  readonly at: number;
  readonly who: string;
  readonly what: string;
  /** What went wrong with it; undefined: nothing. */
  readonly fault: string | undefined;
}

/** What happened: when, who, what, and what went wrong with it. */
export class Story {
  readonly #elapsed: () => number;
  readonly #lines: Line[] = [];

  /** @param elapsed milliseconds since the beginning */
  constructor(elapsed: () => number) {
    this.#elapsed = elapsed;
  }

  tell(who: string, what: string, fault?: string): void {
    this.#lines.push({ at: this.#elapsed(), who, what, fault });
  }

  /** The same for the same story. */
  hash(): string {
    return createHash('sha256').update(JSON.stringify(this.#lines)).digest('hex').slice(0, 16);
  }

  /** A line each, to be read. @param last so many; default: all */
  print(last: number = this.#lines.length): string {
    return this.#lines.slice(-last).map(printed).join('\n');
  }
}

const printed = ({ at, who, what, fault }: Line): string =>
  `${clockOf(at)}  ${who.padEnd(14)} ${what}${fault === undefined ? '' : `  !! ${fault}`}`;

/** `1d 02:03:04.567` */
function clockOf(milliseconds: number): string {
  const time = new Date(milliseconds).toISOString().slice(11, 23);
  return `${Math.floor(milliseconds / 86_400_000)}d ${time}`;
}
