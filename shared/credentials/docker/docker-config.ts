import { LandfallError } from '../../errors.ts';
import { isObject, type JsonObject, parseJson } from '../../kernel/json.ts';
import { type DockerScope, scopeOf } from './docker-scope.ts';
import { goField } from './go-field.ts';

/** One login, as docker keeps it. */
export interface DockerAuth {
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
  /** Why it cannot be read, which is an error for its own registry alone. */
  readonly malformed?: string;
}

/** What matters to us of docker's config.json, podman's auth.json and Helm's config.json. */
export interface DockerConfig {
  /** What a message calls it: a path, a variable. */
  readonly file: string;
  readonly auths: readonly (DockerScope & { readonly auth: DockerAuth })[];
  /** An empty program: docker looks into the file. Undefined: it is not text. */
  readonly credHelpers: readonly (DockerScope & { readonly program: string | undefined })[];
  readonly credsStore: string | undefined;
  /** Which keys at its top are not as docker writes them. */
  readonly unread: readonly string[];
}

const AUTH_KEYS = ['auth', 'username', 'password', 'identitytoken', 'registrytoken'] as const;

/** Loose, as the whole file is: it holds much that is docker's own. */
function parseAuth(value: unknown): DockerAuth {
  if (value === null) return {};
  if (!isObject(value)) return { malformed: 'is not an object' };
  const given = AUTH_KEYS.map((key) => [key, goField(value, key)] as const);
  const wrong = given.find(([, field]) => field !== undefined && typeof field !== 'string');
  if (wrong !== undefined) return { malformed: `${wrong[0]} is not text` };
  return Object.fromEntries(given.filter(([, field]) => field !== undefined));
}

const refused = (file: string, why: string): LandfallError =>
  new LandfallError('CREDENTIAL_UNREADABLE', `docker config ${file} ${why}`, {
    hint: 'Repair it, or move it away and log in again.',
  });

export const malformedAt = (file: string, at: string): LandfallError =>
  refused(file, `is not as docker writes it at ${at}`);

/** An empty file is no configuration to docker, as `null` is. */
function parseTop(content: string, file: string): JsonObject {
  if (content.trim() === '') return {};
  if (content.startsWith('\ufeff'))
    throw refused(file, 'begins with a byte order mark, which docker refuses');
  const parsed = parseJson(content);
  // JSON.parse repeats what it read, so it is no cause to pass on.
  if (!parsed.ok) throw refused(file, 'is not JSON');
  if (parsed.value === null) return {};
  if (!isObject(parsed.value)) throw malformedAt(file, 'its top');
  return parsed.value;
}

/**
 * Reads what can be read: an entry or a key that cannot is said to be so, and takes no other with it.
 * @throws LandfallError CREDENTIAL_UNREADABLE naming the file and nothing in it, where nothing can be
 */
export function parseDockerConfig(content: string, file: string): DockerConfig {
  const top = parseTop(content, file);
  const unread: string[] = [];
  const section = (key: string): readonly (readonly [string, unknown])[] => {
    const value = goField(top, key) ?? {};
    if (isObject(value)) return Object.entries(value);
    unread.push(key);
    return [];
  };
  const store = goField(top, 'credsStore');
  if (store !== undefined && typeof store !== 'string') unread.push('credsStore');
  return {
    file,
    auths: section('auths').map(([key, given]) => ({ ...scopeOf(key), auth: parseAuth(given) })),
    credHelpers: section('credHelpers').flatMap(([key, given]) =>
      given === null ? [] : [{ ...scopeOf(key), program: typeof given === 'string' ? given : undefined }],
    ),
    credsStore: typeof store === 'string' && store !== '' ? store : undefined,
    unread,
  };
}

/**
 * Of a place that somebody named: there an unreadable key is not passed over.
 * @throws LandfallError CREDENTIAL_UNREADABLE naming the file and nothing in it
 */
export function parseWholeDockerConfig(content: string, file: string): DockerConfig {
  const config = parseDockerConfig(content, file);
  const [unread] = config.unread;
  if (unread !== undefined) throw malformedAt(file, unread);
  return config;
}
