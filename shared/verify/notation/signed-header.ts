import type { JsonObject } from '../../kernel/json.ts';
import { quoted } from '../found/quoted.ts';
import { refuse } from '../found/refuse.ts';
import type { SignedEnvelope } from './envelope.ts';

const NOTARY = 'io.cncf.notary.';
export const SCHEME = `${NOTARY}signingScheme`;
export const SIGNING_TIME = `${NOTARY}signingTime`;
export const AUTHENTIC_TIME = `${NOTARY}authenticSigningTime`;
export const EXPIRY = `${NOTARY}expiry`;
const PLUGIN = `${NOTARY}verificationPlugin`;
export const TIME_STAMP = `${NOTARY}timestampSignature`;

/** Those that may be critical, as they are read here. */
const READ: ReadonlySet<string> = new Set([SCHEME, AUTHENTIC_TIME, EXPIRY]);
const SCHEMES = ['notary.x509', 'notary.x509.signingAuthority'] as const;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

const isText = (value: unknown): value is string => typeof value === 'string';

function timeOf(header: JsonObject, key: string): Date | undefined {
  const value = header[key];
  if (value === undefined) return undefined;
  const time = isText(value) && TIME.test(value) ? new Date(value) : undefined;
  if (time === undefined || Number.isNaN(time.getTime())) throw refuse(`its ${key} is no time`);
  return time;
}

/** Whoever does not know what is critical must not go on. @see https://www.rfc-editor.org/rfc/rfc7515#section-4.1.11 */
function checkCritical(header: JsonObject, wanted: readonly string[]): void {
  const { crit } = header;
  if (!Array.isArray(crit) || !crit.every(isText))
    throw refuse('its header does not say what in it is critical');
  const missing = wanted.find((name) => !crit.includes(name));
  if (missing !== undefined) throw refuse(`its header does not say that ${missing} is critical`);
  for (const name of crit) {
    if (!Object.hasOwn(header, name))
      throw refuse(`its header has not ${quoted(name)}, which it calls critical`);
    if (name.startsWith(PLUGIN))
      throw refuse(`it wants the plugin ${quoted(header[PLUGIN])}, and no plugin is run`);
    if (!READ.has(name)) throw refuse(`its header has ${quoted(name)}, which is critical and nobody reads`);
  }
  if (new Set(crit).size < crit.length) throw refuse('its header names something critical twice');
}

/** When it was signed, by whose word its scheme takes; what is critical in its header is read. @throws LandfallError SIGNATURE_REFUSED */
export function signedTimes(header: JsonObject): Pick<SignedEnvelope, 'scheme' | 'signingTime' | 'expiry'> {
  const scheme = SCHEMES.find((each) => each === header[SCHEME]);
  if (scheme === undefined) throw refuse(`its signing scheme is ${quoted(header[SCHEME])}`);
  const isAuthority = scheme === 'notary.x509.signingAuthority';
  const [own, others] = isAuthority ? [AUTHENTIC_TIME, SIGNING_TIME] : [SIGNING_TIME, AUTHENTIC_TIME];
  if (header[others] !== undefined) throw refuse(`its header has ${others}, which ${scheme} has not`);
  const signingTime = timeOf(header, own);
  if (signingTime === undefined) throw refuse(`its header has no ${own}`);
  const expiry = timeOf(header, EXPIRY);
  if (expiry !== undefined && expiry <= signingTime) throw refuse('it expires before it was signed');
  checkCritical(header, [
    SCHEME,
    ...(isAuthority ? [AUTHENTIC_TIME] : []),
    ...(expiry === undefined ? [] : [EXPIRY]),
  ]);
  return { scheme, signingTime, expiry };
}
