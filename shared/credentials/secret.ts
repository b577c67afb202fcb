import { LandfallError } from '../errors.ts';
import type { CloudLocation, CloudSecrets, SecretLocation } from './credential-entry.ts';
import type { WatchedFiles } from './watched-files.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface SecretDeps {
  readonly files: WatchedFiles;
  readonly env: Environment;
  /** Absent: not on AWS. */
  readonly cloud?: CloudSecrets;
}

export const isCloud = (location: SecretLocation): location is CloudLocation =>
  'secretsManager' in location || 'ssm' in location;

const unreadable = (what: string, why: string, hint: string): LandfallError =>
  new LandfallError('CREDENTIAL_UNREADABLE', `${what} ${why}`, { hint });

/** Where a secret is said to be, never what it is. */
export function formatLocation(location: SecretLocation): string {
  if ('secretsManager' in location) return `secret ${location.secretsManager} of Secrets Manager`;
  if ('ssm' in location) return `SSM parameter ${location.ssm}`;
  if ('env' in location) return `environment variable ${location.env}`;
  return 'file' in location ? `file ${location.file}` : 'a value in the document';
}

async function readLocation(
  location: SecretLocation,
  { files, env, cloud }: SecretDeps,
): Promise<string | undefined> {
  if (isCloud(location)) {
    if (cloud !== undefined) return cloud.read(location);
    const hint = 'Name an environment variable or a file where Landfall runs on one machine.';
    throw unreadable(formatLocation(location), 'is only read by Landfall on AWS', hint);
  }
  if ('value' in location) return location.value;
  if ('env' in location) return env[location.env];
  return (await files.read(location.file))?.replace(/\r?\n$/, '');
}

/**
 * Reads a secret from where it is; a file loses one newline at its end.
 * @throws LandfallError CREDENTIAL_UNREADABLE naming the place
 */
export async function readSecret(location: SecretLocation, deps: SecretDeps): Promise<string> {
  const secret = await readLocation(location, deps);
  const where = formatLocation(location);
  const hint = 'Put the secret there, or point the entry to where it is.';
  if (secret === undefined) throw unreadable(where, 'is not there', hint);
  if (secret === '') throw unreadable(where, 'is empty', hint);
  // One that breaks out of a header would be refused later, with the header in the message.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(secret)) {
    throw unreadable(where, 'holds a line break or control character', 'A secret is one line.');
  }
  return secret;
}
