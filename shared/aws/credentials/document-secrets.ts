import { systemClock } from '../../clock.ts';
import type { CloudSecrets, SecretLocation } from '../../credentials/credential-entry.ts';
import { formatLocation, isCloud, readSecret } from '../../credentials/secret.ts';
import { WatchedFiles } from '../../credentials/watched-files.ts';
import { LandfallError } from '../../errors.ts';

/**
 * Reads secrets that documents name, of Secrets Manager and SSM alone: what is in a function's own variables and files lets
 * in whoever reads it, and documents say where a secret is sent.
 * @throws LandfallError CREDENTIAL_UNREADABLE
 */
export function documentSecrets(cloud: CloudSecrets): (where: SecretLocation) => Promise<string> {
  const deps = { files: new WatchedFiles(systemClock), env: {}, cloud };
  return async (where) => {
    if (isCloud(where) || 'value' in where) return readSecret(where, deps);
    throw new LandfallError(
      'CREDENTIAL_UNREADABLE',
      `${formatLocation(where)} is nothing that a function has`,
      {
        hint: 'Write { secretsManager: NAME } or { ssm: NAME } in its place.',
      },
    );
  };
}
