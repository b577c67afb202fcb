import { LandfallError } from '../errors.ts';
import { parseGlob } from '../glob/glob.ts';
import { looksLikeHost } from '../oci/host.ts';
import { parseRegistryName } from '../oci/registry-name.ts';
import type { CredentialEntry, SecretLocation } from './credential-entry.ts';
import { conflictIn, type EntryKey } from './entry-conflict.ts';
import { parseTokenService } from './token-service.ts';

/**
 * What `--registry-*` were given, each `HOST[/GLOB]=VALUE`, the last three without a value.
 * @see https://kluctl.io/docs/kluctl/commands/common-arguments/#registry-arguments
 */
export interface RegistryFlags {
  readonly creds?: readonly string[];
  readonly username?: readonly string[];
  readonly password?: readonly string[];
  readonly identityToken?: readonly string[];
  readonly token?: readonly string[];
  readonly caFile?: readonly string[];
  readonly certFile?: readonly string[];
  readonly keyFile?: readonly string[];
  readonly tokenService?: readonly string[];
  readonly plainHttp?: readonly string[];
  /** Not kluctl's, which denies no address. */
  readonly local?: readonly string[];
  readonly insecureSkipTlsVerify?: readonly string[];
}

type FlagKey = keyof RegistryFlags;
type Part = Partial<CredentialEntry>;

/** As it is typed. */
const flagOf = (key: FlagKey): string =>
  `--registry-${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

const invalid = (key: FlagKey, where: string, why: string): LandfallError =>
  new LandfallError('USAGE', `${flagOf(key)} ${where}: ${why}`, {
    hint: 'E.g. --registry-creds ghcr.io/my-org/**=bot:env:GHCR_TOKEN, or =bot:@FILE; see docs/credentials.md',
  });

/** In the place of what may be a secret. */
const HIDDEN = '(hidden)';
const ENVIRONMENT = /^env:([A-Za-z_][A-Za-z0-9_]*)$/;

/** `@FILE`, `env:NAME`, or the secret itself, as kluctl has it: all users of the machine can see that one. */
function locationOf(text: string): SecretLocation {
  const name = ENVIRONMENT.exec(text)?.[1];
  if (name !== undefined) return { env: name };
  return /^@./.test(text) ? { file: text.slice(1) } : { value: text };
}

/** USER:PASS, or a registry token alone. */
function credsOf(value: string, where: string): Part {
  if (ENVIRONMENT.test(value)) {
    throw invalid('creds', where, 'wanted USER: before env:NAME; a token alone is for --registry-token');
  }
  const colon = value.indexOf(':');
  if (colon < 0) return { registryToken: locationOf(value) };
  if (colon === 0 || colon === value.length - 1)
    throw invalid('creds', where, 'wanted USER:PASS after the "="');
  return { username: value.slice(0, colon), password: locationOf(value.slice(colon + 1)) };
}

function tokenServiceOf(value: string, where: string): Part {
  const tokenService = parseTokenService(value);
  if (tokenService === undefined) throw invalid('tokenService', where, 'wanted https://HOST after the "="');
  return { tokenService };
}

const PARTS: Readonly<Record<FlagKey, (value: string, where: string) => Part>> = {
  username: (value) => ({ username: locationOf(value) }),
  password: (value) => ({ password: locationOf(value) }),
  identityToken: (value) => ({ identityToken: locationOf(value) }),
  token: (value) => ({ registryToken: locationOf(value) }),
  keyFile: (value) => ({ keyFile: value }),
  certFile: (value) => ({ certFile: value }),
  caFile: (value) => ({ caFile: value }),
  tokenService: tokenServiceOf,
  plainHttp: () => ({ plainHttp: true }),
  local: () => ({ local: true }),
  insecureSkipTlsVerify: () => ({ insecureSkipTlsVerify: true }),
  creds: credsOf,
};
const VALUELESS: ReadonlySet<FlagKey> = new Set(['plainHttp', 'local', 'insecureSkipTlsVerify']);

interface Flag {
  readonly key: FlagKey;
  /** `HOST[/GLOB]`, as it was written. */
  readonly where: string;
  readonly registry: string;
  readonly repository?: string;
  readonly part: Part;
}

function parseWhere(key: FlagKey, where: string): Pick<Flag, 'registry' | 'repository'> {
  const slash = where.indexOf('/');
  const repository = slash < 0 ? undefined : where.slice(slash + 1);
  const host = slash < 0 ? where : where.slice(0, slash);
  try {
    // Without the rule the first half of many a secret would be a host.
    if (!looksLikeHost(host)) throw new Error('no host');
    if (repository !== undefined) parseGlob(repository);
    const registry = parseRegistryName(host);
    return { registry, ...(repository !== undefined && { repository }) };
  } catch {
    // It may be a secret whose HOST= was forgotten.
    throw invalid(
      key,
      HIDDEN,
      'wanted HOST[/GLOB]: a host with a dot or a port, and a glob over repositories',
    );
  }
}

function parseFlag(key: FlagKey, text: string): Flag {
  const equals = text.indexOf('=');
  if (VALUELESS.has(key)) {
    if (equals >= 0) throw invalid(key, HIDDEN, 'wanted HOST[/GLOB] without a "="');
    return { key, where: text, ...parseWhere(key, text), part: PARTS[key]('', text) };
  }
  if (equals < 1) throw invalid(key, HIDDEN, 'has no HOST before a "="');
  const [where, value] = [text.slice(0, equals), text.slice(equals + 1)];
  // Base64 ends so: a secret whose HOST= was forgotten.
  if (/^=*$/.test(value)) throw invalid(key, HIDDEN, 'has nothing after the "="');
  return { key, where, ...parseWhere(key, where), part: PARTS[key](value, where) };
}

const FLAGS: Partial<Record<EntryKey, FlagKey>> = { registryToken: 'token' };
const isFlag = (key: string): key is FlagKey => Object.hasOwn(PARTS, key);
const nameOf = (key: EntryKey): string => flagOf(FLAGS[key] ?? (isFlag(key) ? key : 'creds'));

/** Flags that are for the same repositories are one entry. */
function mergeFlags(flags: readonly Flag[]): CredentialEntry {
  const [{ where, registry, repository } = { where: '', registry: '' }] = flags;
  const merged: Part = {};
  for (const { key, part } of flags) {
    const twice = Object.keys(part).find((each) => Object.hasOwn(merged, each) && !VALUELESS.has(key));
    if (twice !== undefined)
      throw invalid(key, where, `gives ${twice}, which another flag gives for the same`);
    Object.assign(merged, part);
  }
  const conflict = conflictIn(merged, nameOf);
  if (conflict !== undefined) throw new LandfallError('USAGE', `${where}: ${conflict}`);
  const names = [...new Set(flags.map(({ key }) => flagOf(key)))];
  const origin = `${names.join(', ')} ${where}`;
  return { origin, registry, ...(repository !== undefined && { repository }), ...merged };
}

/**
 * The entries of `--registry-*`.
 * @throws LandfallError USAGE that repeats nothing after the "="
 */
export function registryFlagEntries(given: RegistryFlags): readonly CredentialEntry[] {
  const flags = (Object.keys(PARTS) as FlagKey[]).flatMap((key) =>
    (given[key] ?? []).map((text) => parseFlag(key, text)),
  );
  const groups = Map.groupBy(flags, ({ registry, repository }) => JSON.stringify([registry, repository]));
  return [...groups.values()].map(mergeFlags);
}
