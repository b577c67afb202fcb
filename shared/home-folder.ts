import { homedir } from 'node:os';

/** Where nobody has a home: as container runtimes have it for a user of no name. */
const NOWHERE = '/';

/**
 * Where the user's own files are. A user that is only a number and has no `HOME` (systemd's DynamicUser without nss-systemd,
 * OpenShift's) has none, for which Node throws.
 */
export function homeFolder(
  env: Readonly<Record<string, string | undefined>> = process.env,
  ofSystem: () => string = homedir,
): string {
  if (env['HOME']) return env['HOME'];
  try {
    return ofSystem();
  } catch {
    return NOWHERE;
  }
}
