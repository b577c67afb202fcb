import { LandfallError } from '../errors.ts';
import type { Credential } from '../registry/client.ts';
import type { DockerAuth } from './docker-config.ts';

/** Docker writes this user where the password is an identity token. */
export const TOKEN_USER = '<token>';

export const basicOrToken = (username: string, password: string): Credential =>
  username === TOKEN_USER
    ? { kind: 'identity-token', token: password }
    : { kind: 'basic', username, password };

function decode(auth: string, where: string): Credential {
  const refused = (why: string): LandfallError =>
    new LandfallError('CREDENTIAL_UNREADABLE', `${where} ${why}`);
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(auth)) throw refused('is not base64');
  // Old dockers padded the password with NULs.
  const decoded = Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '');
  const colon = decoded.indexOf(':');
  if (colon < 1) throw refused('is not base64 of USER:PASS');
  return basicOrToken(decoded.slice(0, colon), decoded.slice(colon + 1));
}

/**
 * The credential of one entry of `auths`; undefined for an empty one, which docker leaves where a store holds it.
 * @param where what a message calls the entry
 * @throws LandfallError CREDENTIAL_UNREADABLE
 */
export function credentialOf(entry: DockerAuth, where: string): Credential | undefined {
  const { auth, username, password, identitytoken, registrytoken } = entry;
  if (registrytoken) return { kind: 'registry-token', token: registrytoken };
  const basic = auth
    ? decode(auth, `${where} auth`)
    : username && password
      ? basicOrToken(username, password)
      : undefined;
  if (!identitytoken) return basic;
  const user = basic?.kind === 'basic' ? basic.username : username;
  return {
    kind: 'identity-token',
    token: identitytoken,
    ...(user && user !== TOKEN_USER && { username: user }),
  };
}
