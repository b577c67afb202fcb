import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import type { CredentialEntry, SecretLocation } from '../credentials/credential-entry.ts';
import { kindSchemas } from '../deploy/kinds/kind-schemas.ts';
import { parseDuration } from '../duration.ts';
import { isObject, type JsonObject } from '../kernel/json.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import { qualifiedSource } from '../model/ids.ts';
import { type Digest, parseDigest } from '../oci/digest.ts';
import { parsePlatform } from '../oci/platform.ts';
import { parseRepository } from '../oci/reference.ts';
import { parseRegistryName } from '../oci/registry-name.ts';
import type { DeployEntry } from './deploy-entry.ts';
import type { DeployWindow } from './deploy-window.ts';
import type { OnRefused } from './fragment.ts';
import type { ReceiverEntry } from './receiver-entry.ts';
import type { credential } from './schema/schema-credential.ts';
import type { DeployDocument } from './schema/schema-deploy.ts';
import type { ReceiverDocument } from './schema/schema-receiver.ts';
import type { SourceDocument } from './schema/schema-source.ts';
import type { Source } from './source.ts';
import { toVerify } from './verify-entry.ts';

/** The model's entry for a checked one of a document. */
export function toSource(entry: SourceDocument, file: string, byDefault: OnRefused = 'stall'): Source {
  const { name, namespace, url, labels, suspend, retain, layers, links, platform, ignore } = entry;
  const { digest, ...ref } = entry.ref;
  const pinned: { readonly digest?: Digest } = digest === undefined ? {} : { digest: parseDigest(digest) };
  return {
    name,
    namespace,
    url,
    repository: parseRepository(url),
    ref: { ...ref, ...pinned },
    intervalMs: parseDuration(entry.interval),
    ...(entry.maxInterval !== undefined && { maxIntervalMs: parseDuration(entry.maxInterval) }),
    timeoutMs: parseDuration(entry.timeout),
    labels,
    suspend,
    unpack: {
      mode: entry.unpack.mode,
      layers,
      links,
      ...(platform !== undefined && { platform: parsePlatform(platform) }),
      ...(ignore !== undefined && { ignore }),
      ...(entry.layout === 'pack' && { layout: entry.layout }),
    },
    ...(entry.verify !== undefined && { verify: toVerify(entry.verify, file) }),
    retain,
    limits: { ...DEFAULT_LIMITS, ...entry.limits },
    ...((entry.onRefused ?? byDefault) === 'keep' && { onRefused: 'keep' }),
  };
}

/** Relative paths start at the folder of the document that names them. */
export const pathFrom = (file: string, path: string): string => resolve(dirname(file), path);

function secretFrom(file: string, location: SecretLocation): SecretLocation {
  return 'file' in location ? { file: pathFrom(file, location.file) } : location;
}

const secretOrTextFrom = (file: string, given: SecretLocation | string): SecretLocation | string =>
  typeof given === 'string' ? given : secretFrom(file, given);

const SECRETS = ['username', 'password', 'identityToken', 'registryToken'] as const;
const DOCUMENTS = ['dockerConfig', 'kubernetesSecret'] as const;
const FILES = ['caFile', 'certFile', 'keyFile'] as const;

/** The given with every path in it made one from the folder of the document. */
function nestedFrom<T extends Readonly<Record<string, unknown>>>(file: string, given: T): T {
  const located = Object.entries(given).map(([key, value]) =>
    isObject(value) && typeof value['file'] === 'string'
      ? [key, { file: pathFrom(file, value['file']) }]
      : [key, value],
  );
  return Object.fromEntries(located) as T;
}

export function toCredential(
  entry: z.output<typeof credential>,
  file: string,
  origin: string,
): CredentialEntry {
  const { google, azure } = entry;
  const secrets = SECRETS.flatMap((key) => {
    const location = entry[key];
    return location === undefined ? [] : [[key, secretOrTextFrom(file, location)] as const];
  });
  const documents = DOCUMENTS.flatMap((key) => {
    const given = entry[key];
    if (given === undefined) return [];
    return [[key, typeof given === 'string' ? pathFrom(file, given) : secretFrom(file, given)] as const];
  });
  const files = FILES.flatMap((key) => {
    const path = entry[key];
    return path === undefined ? [] : [[key, pathFrom(file, path)] as const];
  });
  return {
    ...entry,
    ...Object.fromEntries([...secrets, ...documents, ...files]),
    ...(google !== undefined && { google: nestedFrom(file, google) }),
    ...(azure !== undefined && { azure: nestedFrom(file, azure) }),
    registry: parseRegistryName(entry.registry),
    origin,
  };
}

export const toReceiver = (entry: ReceiverDocument, file: string): ReceiverEntry => ({
  ...entry,
  registry: parseRegistryName(entry.registry),
  ...(entry.hosts !== undefined && { hosts: entry.hosts.map(parseRegistryName) }),
  secret: secretFrom(file, entry.secret),
});

/** A name alone is one of the namespace `default`. */
const inNamespace = (source: string): string => (source.startsWith('**') ? source : qualifiedSource(source));

const windowOf = ({
  allow,
  deny = '',
  timeZone,
  for: length,
}: NonNullable<DeployDocument['windows']>[number]): DeployWindow => ({
  is: allow === undefined ? 'deny' : 'allow',
  cron: allow ?? deny,
  timeZone,
  forMs: parseDuration(length),
});

/** What a kind names is found from the folder of its document. */
export function toDeploy(entry: DeployDocument, file: string): DeployEntry {
  const { kind, name, source, timeout, retry, interval, windows, ...rest } = entry;
  const schema = kindSchemas().find((each) => each.kind === kind);
  const settings = schema?.settings.parse(entry) ?? {};
  const located = schema?.locate?.(settings as never, (path) => pathFrom(file, path)) ?? settings;
  const uses = [...new Set(schema?.uses?.(settings as never).map(qualifiedSource))];
  const own = new Set(Object.keys(schema?.settings.shape ?? {}));
  const common = Object.fromEntries(Object.entries(rest).filter(([key]) => !own.has(key)));
  return {
    ...common,
    kind,
    name,
    source: inNamespace(source),
    timeoutMs: parseDuration(timeout),
    ...(retry !== undefined && { tries: retry.limit }),
    ...(interval !== undefined && { intervalMs: parseDuration(interval) }),
    ...(windows !== undefined && { windows: windows.map(windowOf) }),
    ...(uses.length > 0 && { uses }),
    settings: located as JsonObject,
  };
}
