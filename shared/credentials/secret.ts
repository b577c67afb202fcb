import { LandfallError } from '../errors.ts';
import type { CloudLocation, CloudSecrets, SecretLocation } from './credential-entry.ts';
import { knownSecrets } from './known-secrets.ts';
import type { WatchedFiles } from './watched-files.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface SecretDeps {
  readonly files: WatchedFiles;
  readonly env: Environment;
  /** Absent: there is no identity of AWS. */
  readonly cloud?: CloudSecrets;
  /**
   * Of a function of AWS: what is in its own variables and files lets in whoever reads it, and documents say where a secret is
   * sent. Default false.
   */
  readonly isCloudOnly?: boolean;
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
  { files, env, cloud, isCloudOnly = false }: SecretDeps,
): Promise<string | undefined> {
  if (isCloud(location)) {
    if (cloud !== undefined) return cloud.read(location);
    const hint = 'Give this machine credentials of AWS; or name an environment variable or a file.';
    throw unreadable(formatLocation(location), 'is only read with an identity of AWS', hint);
  }
  if ('value' in location) return location.value;
  if (isCloudOnly) throw unreadable(formatLocation(location), 'is nothing that a function has', IN_THE_CLOUD);
  if ('env' in location) return env[location.env];
  return (await files.read(location.file))?.replace(/\r?\n$/, '');
}

const IN_THE_CLOUD = 'Write { secretsManager: NAME } or { ssm: NAME } in its place.';
const HINT = 'Put the secret there, or point the entry to where it is.';

/**
 * Reads a text of any lines from where it is; a file loses one newline at its end.
 * @throws LandfallError CREDENTIAL_UNREADABLE naming the place
 */
export async function readText(location: SecretLocation, deps: SecretDeps): Promise<string> {
  const text = await readLocation(location, deps);
  if (text === undefined) throw unreadable(formatLocation(location), 'is not there', HINT);
  if (text === '') throw unreadable(formatLocation(location), 'is empty', HINT);
  knownSecrets.note(text);
  return text;
}

/**
 * Reads a secret, which is one line, from where it is.
 * @throws LandfallError CREDENTIAL_UNREADABLE naming the place
 */
export async function readSecret(location: SecretLocation, deps: SecretDeps): Promise<string> {
  const secret = await readText(location, deps);
  // One that breaks out of a header would be refused later, with the header in the message.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(secret)) {
    const why = 'holds a line break or control character';
    throw unreadable(formatLocation(location), why, 'A secret is one line.');
  }
  return secret;
}
