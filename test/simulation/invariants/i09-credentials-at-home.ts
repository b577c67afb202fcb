import { CANARY, PASSWORDS } from '../world/secrets.ts';
import type { Invariant } from './seen.ts';

/** A login, and a token made of it, goes to the registry that it is of, and nowhere else. */
export const credentialsAtHome: Invariant = ({ requests }) =>
  requests.flatMap(({ host, path, authorization }) => {
    const owner = authorization === undefined ? undefined : ownerOf(authorization);
    return owner === undefined || owner === host ? [] : [`I9: ${host}${path} was sent the login of ${owner}`];
  });

function ownerOf(authorization: string): string {
  const [scheme = '', value = ''] = authorization.split(' ');
  if (scheme === 'Basic') {
    const [, password] = Buffer.from(value, 'base64').toString().split(':');
    return Object.keys(PASSWORDS).find((host) => PASSWORDS[host] === password) ?? 'nobody';
  }
  return value.slice(`${CANARY}-token-`.length).replace(/-\d+$/, '');
}
