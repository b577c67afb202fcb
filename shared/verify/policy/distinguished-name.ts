import { LandfallError } from '../../errors.ts';
import { quoted } from '../found/quoted.ts';

/** Attribute to value, e.g. `O` to `acme`. */
export type DistinguishedName = ReadonlyMap<string, string>;

/** @see https://www.rfc-editor.org/rfc/rfc4514#section-3 */
const ATTRIBUTES: ReadonlySet<string> = new Set([
  'CN',
  'L',
  'ST',
  'O',
  'OU',
  'C',
  'STREET',
  'SERIALNUMBER',
  'POSTALCODE',
]);
const REQUIRED = ['C', 'ST', 'O'] as const;
const PART = /\s*([A-Za-z]+)\s*=\s*((?:\\.|[^\\,+;"<>=])*)(?:,|$)/y;

const refuse = (text: string, why: string): LandfallError =>
  new LandfallError('CONFIG_INVALID', `verify: trusted identity ${quoted(text)} ${why}`, {
    hint: 'Write e.g. "x509.subject: C=US, ST=WA, O=acme, CN=release", with at least C, ST and O.',
  });

const PREFIX = 'x509.subject:';

/**
 * Reads a trusted identity of Notation: some of a certificate's attributes, each once.
 * @see https://github.com/notaryproject/specifications/blob/main/specs/trust-store-trust-policy.md#trusted-identities-constraints
 * @throws LandfallError CONFIG_INVALID
 */
export function parseIdentity(text: string): DistinguishedName {
  if (!text.startsWith(PREFIX)) throw refuse(text, `does not begin with ${PREFIX}`);
  const names = text.slice(PREFIX.length).trim();
  const found = new Map<string, string>();
  PART.lastIndex = 0;
  while (PART.lastIndex < names.length) {
    const match = PART.exec(names);
    if (match === null) throw refuse(text, 'is no list of attributes');
    const [, key = '', raw = ''] = match;
    const name = key.toUpperCase() === 'S' ? 'ST' : key.toUpperCase();
    if (!ATTRIBUTES.has(name)) throw refuse(text, `has the attribute ${key}`);
    if (found.has(name)) throw refuse(text, `has ${name} twice`);
    found.set(name, raw.trim().replaceAll(/\\(.)/g, '$1'));
  }
  const missing = REQUIRED.filter((name) => !found.get(name));
  if (missing.length > 0) throw refuse(text, `has no ${missing.join(' and no ')}`);
  return found;
}

/** Whether all that an identity wants is so of a certificate. */
export const isNamed = (wanted: DistinguishedName, certified: DistinguishedName): boolean =>
  [...wanted].every(([name, value]) => certified.get(name) === value);
