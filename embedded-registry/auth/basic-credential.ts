import { createHash, timingSafeEqual } from 'node:crypto';

export interface BasicCredential {
  readonly username: string;
  readonly password: string;
}

/** Reads `Authorization: Basic …`; undefined where it is none. @see https://www.rfc-editor.org/rfc/rfc7617 */
export function readBasic(authorization: string | undefined): BasicCredential | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/=_-]+)$/i.exec(authorization ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

const hash = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Compares in a time that does not depend on where the texts differ. */
export const sameSecret = (a: string, b: string): boolean => timingSafeEqual(hash(a), hash(b));

export function isUser(
  users: Readonly<Record<string, string>>,
  credential: BasicCredential | undefined,
): boolean {
  if (credential === undefined || !Object.hasOwn(users, credential.username)) return false;
  return sameSecret(users[credential.username] ?? '', credential.password);
}
