import { timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';

/** What of a request decides whether it may be answered. Names of headers in lower case. */
export interface ConsoleCaller {
  /** Address of the other end. */
  readonly address: string;
  readonly header: (name: string) => string | undefined;
}

const hostOf = (header: string): string =>
  header
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();

/** `5081` of `localhost:5081`; empty where none is named. */
export const portOf = (header: string | undefined): string => /:(\d{1,5})$/.exec(header ?? '')?.[1] ?? '';

/**
 * Whether a request names us as the user typed it: an address, localhost, or the name we were given. A page of another
 * site that points its own name at this machine (DNS rebinding) names itself.
 */
export function isOurName(host: string | undefined, own: readonly string[]): boolean {
  const name = hostOf(host ?? '');
  return isIP(name) !== 0 || name === 'localhost' || own.includes(name);
}

const LOOPBACK = /^(?:127\.|::1$|::ffff:127\.)/;

/** From this machine, and not on behalf of another: a proxy on this machine says whom it speaks for. */
export const isFromHere = ({ address, header }: ConsoleCaller): boolean =>
  LOOPBACK.test(address) &&
  ['forwarded', 'x-forwarded-for', 'x-real-ip'].every((name) => header(name) === undefined);

/** What names an origin names ours: a proxy that calls us by another name than its users do is not this machine. */
export function isOwnOrigin({ header }: ConsoleCaller): boolean {
  const origin = header('origin');
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === header('host'));
}

/** Browsers say where a form stands; what says nothing is no browser, and has to know the form's own token. */
export function isOwnForm(caller: ConsoleCaller): boolean {
  const site = caller.header('sec-fetch-site');
  return site === undefined ? isOwnOrigin(caller) : site === 'same-origin';
}

export function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
