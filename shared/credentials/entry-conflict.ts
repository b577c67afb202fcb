/** What an entry may be told, by whatever it was told with: a document, a flag, a variable. */
export type EntryKey =
  | 'username'
  | 'password'
  | 'identityToken'
  | 'registryToken'
  | 'dockerConfig'
  | 'kubernetesSecret'
  | 'role'
  | 'google'
  | 'azure'
  | 'certFile'
  | 'keyFile';

const METHODS = [
  ...(['password', 'identityToken', 'registryToken', 'dockerConfig', 'kubernetesSecret'] as const),
  ...(['role', 'google', 'azure'] as const),
];

/**
 * What contradicts itself in an entry; undefined where nothing does. It says which halves are missing, and never
 * guesses which of two secrets was meant.
 * @param nameOf what the user calls a key: itself, `--registry-password`, `LANDFALL_REGISTRY_PASSWORD`
 */
export function conflictIn(
  entry: Readonly<Partial<Record<EntryKey, unknown>>>,
  nameOf: (key: EntryKey) => string = (key) => key,
): string | undefined {
  const has = (key: EntryKey): boolean => entry[key] !== undefined;
  const needs = (key: EntryKey, other: EntryKey): string => `${nameOf(key)} needs ${nameOf(other)}`;
  const methods = METHODS.filter(has);
  if (methods.length > 1) return `${methods.map(nameOf).join(' and ')} are alternatives; keep one`;
  if (has('password') && !has('username')) return needs('password', 'username');
  if (has('username') && !has('password') && !has('identityToken')) return needs('username', 'password');
  if (has('certFile') && !has('keyFile')) return needs('certFile', 'keyFile');
  if (has('keyFile') && !has('certFile')) return needs('keyFile', 'certFile');
  return undefined;
}
