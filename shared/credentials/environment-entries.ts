import { LandfallError } from '../errors.ts';
import { parseGlob } from '../glob/glob.ts';
import { DOCKER_HUB } from '../oci/reference.ts';
import { parseRegistryName } from '../oci/registry-name.ts';
import type { CredentialEntry } from './credential-entry.ts';
import { conflictIn, type EntryKey } from './entry-conflict.ts';
import type { Environment } from './secret.ts';
import { parseTokenService } from './token-service.ts';

const KEYS = [
  ...['HOST', 'REPOSITORY', 'USERNAME', 'PASSWORD', 'IDENTITY_TOKEN', 'TOKEN'],
  ...['INSECURE_SKIP_TLS_VERIFY', 'PLAIN_HTTP', 'LOCAL', 'CERT_FILE', 'KEY_FILE', 'CA_FILE'],
  'TOKEN_SERVICE',
];
const VARIABLE = new RegExp(`^(LANDFALL|KLUCTL)_REGISTRY(?:_([0-9]{1,9}))?_(${KEYS.join('|')})$`);
/** Ours are looked at for slips of the pen; kluctl's may have more than it documents. */
const OURS = /^LANDFALL_REGISTRY_/;

/** The variables that share a prefix and an index: they are one entry. */
interface VariableSet {
  /** -1 where there is none: before 0. */
  readonly index: number;
  readonly prefix: string;
  /** Of each key, the variable's name. */
  readonly names: Map<string, string>;
}

const HINT = 'Correct or unset it; docs/credentials.md lists the variables and what goes together.';
const invalid = (name: string, why: string): LandfallError =>
  new LandfallError('CONFIG_INVALID', `environment variable ${name} ${why}`, { hint: HINT });

/** Sets in the order they count: by index, one without first; LANDFALL_ before KLUCTL_. Empty variables are not set. */
function collectSets(env: Environment): readonly VariableSet[] {
  const sets = new Map<string, VariableSet>();
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || value === '') continue;
    const [, prefix, index, key] = VARIABLE.exec(name) ?? [];
    if (prefix === undefined || key === undefined) {
      if (OURS.test(name))
        throw invalid(name, `is not known; wanted LANDFALL_REGISTRY_[n_]${KEYS.join(', …_')}`);
      continue;
    }
    const number = index === undefined ? -1 : Number(index);
    const id = `${prefix} ${number}`;
    const set = sets.get(id) ?? { index: number, prefix, names: new Map<string, string>() };
    const same = set.names.get(key);
    if (same !== undefined) throw invalid(name, `is the same as ${same}`);
    sets.set(id, { ...set, names: set.names.set(key, name) });
  }
  return [...sets.values()].sort((a, b) =>
    a.prefix === b.prefix ? a.index - b.index : a.prefix < b.prefix ? 1 : -1,
  );
}

/** As Go's strconv.ParseBool, which kluctl reads with. */
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((text) => [text, false] as const),
]);

const isHost = (text: string): boolean => /[.:]/.test(text) || text === 'localhost';

/** `ghcr.io/org/*` without HOST; without a host in it, it is of Docker Hub. A tag or digest says nothing here. */
function splitRepository(text: string): { readonly host: string; readonly glob: string | undefined } {
  const slash = text.indexOf('/');
  const first = slash < 0 ? text : text.slice(0, slash);
  const host = slash >= 0 && isHost(first) ? first : DOCKER_HUB;
  const rest = host === first ? text.slice(slash + 1) : text;
  return { host, glob: rest.replace(/@.*$/, '').replace(/:[^/]*$/, '') };
}

type Where = Pick<CredentialEntry, 'registry' | 'repository'>;

function whereOf({ names, prefix }: VariableSet, lookUp: (key: string) => string | undefined): Where {
  const [host, repository] = [lookUp('HOST'), lookUp('REPOSITORY')];
  const [first = `${prefix}_REGISTRY_*`] = names.values();
  if (host === undefined && repository === undefined)
    throw invalid(first, 'has no _HOST or _REPOSITORY beside it');
  const where = host === undefined ? splitRepository(repository ?? '') : { host, glob: repository };
  const name = (key: string): string => names.get(key) ?? first;
  const checked = <T>(key: string, why: string, parse: () => T): T => {
    try {
      return parse();
    } catch {
      // What was thrown repeats the value.
      throw invalid(name(key), why);
    }
  };
  const { glob } = where;
  if (glob !== undefined) checked('REPOSITORY', 'is not a glob over repositories', () => parseGlob(glob));
  const key = host === undefined ? 'REPOSITORY' : 'HOST';
  const registry = checked(key, 'is not a registry host', () => parseRegistryName(where.host));
  return { registry, ...(glob !== undefined && { repository: glob }) };
}

const VARIABLES: Partial<Record<EntryKey, string>> = {
  username: 'USERNAME',
  password: 'PASSWORD',
  identityToken: 'IDENTITY_TOKEN',
  registryToken: 'TOKEN',
  certFile: 'CERT_FILE',
  keyFile: 'KEY_FILE',
};

function tokenServiceOf(value: string | undefined, name = ''): Readonly<Record<string, string>> {
  if (value === undefined) return {};
  const tokenService = parseTokenService(value);
  if (tokenService === undefined)
    throw invalid(name, 'is not the URL of a token service: wanted https://HOST');
  return { tokenService };
}

function toEntry(set: VariableSet, env: Environment): CredentialEntry {
  const { names, prefix, index } = set;
  const stem = `${prefix}_REGISTRY_${index < 0 ? '' : `${index}_`}`;
  const lookUp = (key: string): string | undefined => env[names.get(key) ?? ''];
  const secret = (field: EntryKey, key: string) => {
    const name = names.get(key);
    return name === undefined ? {} : { [field]: { env: name } };
  };
  const text = (field: string, key: string) => {
    const value = lookUp(key);
    return value === undefined ? {} : { [field]: value };
  };
  const flag = (field: string, key: string) => {
    const value = lookUp(key);
    if (value === undefined) return {};
    const parsed = BOOLEANS.get(value);
    if (parsed === undefined) throw invalid(names.get(key) ?? key, 'is neither true nor false');
    return { [field]: parsed };
  };
  const rest = {
    ...secret('username', 'USERNAME'),
    ...secret('password', 'PASSWORD'),
    ...secret('identityToken', 'IDENTITY_TOKEN'),
    ...secret('registryToken', 'TOKEN'),
    ...flag('plainHttp', 'PLAIN_HTTP'),
    ...flag('local', 'LOCAL'),
    ...flag('insecureSkipTlsVerify', 'INSECURE_SKIP_TLS_VERIFY'),
    ...text('caFile', 'CA_FILE'),
    ...tokenServiceOf(lookUp('TOKEN_SERVICE'), names.get('TOKEN_SERVICE')),
    ...text('certFile', 'CERT_FILE'),
    ...text('keyFile', 'KEY_FILE'),
  };
  const nameOf = (key: EntryKey): string => `${stem}${VARIABLES[key] ?? key}`;
  const conflict = conflictIn(rest, nameOf);
  if (conflict !== undefined) {
    throw new LandfallError('CONFIG_INVALID', `environment variable ${conflict}`, { hint: HINT });
  }
  return { origin: `environment ${stem}*`, ...whereOf(set, lookUp), ...rest };
}

/**
 * The entries of `LANDFALL_REGISTRY[_n]_…` and of kluctl's `KLUCTL_REGISTRY[_n]_…`, in the order they count. They say
 * where a secret is and hold none.
 * @throws LandfallError CONFIG_INVALID naming the variable, never its value
 * @see https://kluctl.io/docs/kluctl/deployments/oci/#use-environment-variables-to-specify-authentication
 */
export const environmentEntries = (env: Environment): readonly CredentialEntry[] =>
  collectSets(env).map((set) => toEntry(set, env));
