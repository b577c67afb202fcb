import { LandfallError } from '../../errors.ts';
import { textOf } from '../../escaped-bytes.ts';
import type { Credential } from '../../registry/client.ts';
import type { DockerAuth } from './docker-config.ts';

/** Docker writes this user where the password is an identity token. */
const TOKEN_USER = '<token>';

type Refuse = (why: string) => LandfallError;

/** A token goes into a header or a form as it is. */
function tokenOf(text: string, refused: Refuse): string {
  const token = text.trim();
  if (!/^[\x21-\x7e]+$/.test(token)) throw refused('is not a token');
  return token;
}

export const basicOrToken = (username: string, password: string, refused: Refuse): Credential =>
  username === TOKEN_USER
    ? { kind: 'identity-token', token: tokenOf(password, refused) }
    : { kind: 'basic', username, password };

/** Without those at either end. An expression would begin anew at each one of many within. */
function withoutNuls(text: string): string {
  let [from, to] = [0, text.length];
  while (text[from] === '\0') from += 1;
  while (to > from && text[to - 1] === '\0') to -= 1;
  return text.slice(from, to);
}

/**
 * Base64 of USER:PASS. `base64` wraps its lines and ends them, which Go's decoder skips; padding may be missing, as in
 * Kubernetes. Undefined for ":" alone, and for the user of a token without one, who are nobody.
 */
function decode(auth: string, refused: Refuse): Credential | undefined {
  const text = auth.replace(/[\r\n\t ]+/g, '');
  const digits = text.replace(/={1,2}$/, '').length;
  const isPadded = digits === text.length || text.length % 4 === 0;
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text) || digits % 4 === 1 || !isPadded) throw refused('is not base64');
  const decoded = textOf(Buffer.from(text, 'base64'));
  const colon = decoded.indexOf(':');
  if (colon < 0) throw refused('is not base64 of USER:PASS');
  // Old dockers padded the password with NULs.
  const [username, password] = [decoded.slice(0, colon), withoutNuls(decoded.slice(colon + 1))];
  const isNobody = password === '' && (username === '' || username === TOKEN_USER);
  return isNobody ? undefined : basicOrToken(username, password, refused);
}

/**
 * The credential of one entry of `auths`; undefined for an empty one, which docker leaves where a store holds it.
 * @param where what a message calls the entry
 * @throws LandfallError CREDENTIAL_UNREADABLE
 */
export function credentialOf(entry: DockerAuth, where: string): Credential | undefined {
  const refuse =
    (key: string): Refuse =>
    (why) =>
      new LandfallError('CREDENTIAL_UNREADABLE', `${where} ${key}${why}`, {
        hint: 'Log in to the registry again, or remove the entry.',
      });
  const { auth, username, password, identitytoken, registrytoken, malformed } = entry;
  if (malformed !== undefined) throw refuse('')(malformed);
  if (registrytoken)
    return { kind: 'registry-token', token: tokenOf(registrytoken, refuse('registrytoken ')) };
  const basic = auth
    ? decode(auth, refuse('auth '))
    : username && password
      ? basicOrToken(username, password, refuse('password '))
      : undefined;
  if (!identitytoken) return basic;
  const user = basic?.kind === 'basic' ? basic.username : username;
  return {
    kind: 'identity-token',
    token: tokenOf(identitytoken, refuse('identitytoken ')),
    ...(user && user !== TOKEN_USER && { username: user }),
  };
}

/** Whether an entry has anything in it: docker leaves `{}` where a store holds the login. */
export const isHeld = (entry: DockerAuth): boolean => Object.values(entry).some((field) => field !== '');
