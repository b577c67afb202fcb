import type { CredentialEntry } from '../../credentials/credential-entry.ts';
import { credentialOf } from '../../credentials/docker/docker-auth.ts';
import { fitting } from '../../credentials/docker/docker-scope.ts';
import { dockerConfigIn } from '../../credentials/docker/kubernetes-secret.ts';
import { asLandfallError } from '../../errors.ts';
import type { Repository } from '../../oci/reference.ts';
import type { Credential } from '../../registry/client.ts';
import { formatPlace, type Place, type Problem } from '../problem.ts';
import type { Notice } from '../source.ts';
import type { AccessSpec } from './schema.ts';
import { type FluxSecret, type FluxSecrets, malformedIn } from './secrets.ts';
import { type KeptSecret, keptKey, keptManifest, type Written } from './written.ts';

/** What an object's way to its registry comes to. */
export interface FluxAccess {
  readonly credentials: readonly CredentialEntry[];
  /** The same in the form of our own document. */
  readonly written: readonly Written[];
  readonly notices: readonly Notice[];
  readonly problems: readonly Problem[];
}

export interface AccessInput {
  readonly spec: AccessSpec;
  readonly namespace: string;
  readonly repository: Repository;
  /** Of the object. */
  readonly place: Place;
  /** Of one key of its spec. */
  placeOf(key: string): Place;
}

type Fields = Omit<CredentialEntry, 'registry' | 'repository' | 'origin' | 'tls'>;

/** What a Secret adds to an entry, and the same with its keys in files. */
interface Part {
  readonly fields: Pick<CredentialEntry, 'tls'> & Fields;
  readonly pointed: Fields;
  readonly secrets: readonly KeptSecret[];
  /** What of it is not used. */
  readonly told?: string;
}

function fieldsOf(credential: Credential | undefined): Fields | undefined {
  switch (credential?.kind) {
    case 'basic':
      return { username: credential.username, password: { value: credential.password } };
    case 'identity-token':
      return {
        identityToken: { value: credential.token },
        ...(credential.username !== undefined && { username: credential.username }),
      };
    case 'registry-token':
      return { registryToken: { value: credential.token } };
    default:
      return undefined;
  }
}

/** The keys of a Secret under the names of an entry, each in a file. */
function inFiles<Key extends string, T>(
  { id, values }: FluxSecret,
  keys: readonly (readonly [Key, string])[],
  point: (file: string) => T,
): { readonly pointed: Readonly<Partial<Record<Key, T>>>; readonly secrets: readonly KeptSecret[] } {
  const kept = keys
    .filter(([, key]) => values.has(key))
    .map(([field, key]) => [field, keptKey(id, key)] as const);
  const pointed = Object.fromEntries(kept.map(([field, { file }]) => [field, point(file)]));
  return {
    pointed: pointed as Partial<Record<Key, T>>,
    secrets: kept.map(([, secret]) => secret),
  };
}

/** The login's file: docker's own form, or the older one that only a Secret has. */
function dockerFile({ id, values }: FluxSecret): Pick<Part, 'pointed' | 'secrets'> {
  if (!values.has('.dockerconfigjson')) {
    const kept = keptManifest(id);
    return { pointed: { kubernetesSecret: kept.file }, secrets: [kept] };
  }
  const kept = keptKey(id, '.dockerconfigjson');
  return { pointed: { dockerConfig: kept.file }, secrets: [kept] };
}

/** A dockerconfigjson, or the user and password a HelmRepository may have. @throws LandfallError CREDENTIAL_UNREADABLE */
function login(secret: FluxSecret, repository: Repository): Part | undefined {
  const { values, place } = secret;
  const config = dockerConfigIn(values, `in the Secret at ${formatPlace(place)}`);
  if (config === undefined) {
    // As `echo` leaves it behind them, and as it is of a file: no part of either.
    const [username, password] = ['username', 'password'].map((key) =>
      values.get(key)?.replace(/\r?\n$/, ''),
    );
    if (!username || !password) return undefined;
    const keys = [['username', 'username'] as const, ['password', 'password'] as const];
    const files = inFiles(secret, keys, (file) => ({ file }));
    return { fields: { username, password: { value: password } }, ...files };
  }
  for (const { auth, key } of fitting(config.auths, repository)) {
    const fields = fieldsOf(
      credentialOf(auth, `auths ${JSON.stringify(key)} in the Secret at ${formatPlace(place)}`),
    );
    if (fields !== undefined) return { fields, ...dockerFile(secret) };
  }
  return undefined;
}

/** Flux's keys, and those it had before. */
function certificates(secret: FluxSecret): Part | undefined {
  const { values } = secret;
  const has = (...keys: readonly string[]): string => keys.find((key) => values.has(key)) ?? '';
  const [caKey, certKey, keyKey] = [
    has('ca.crt', 'caFile'),
    has('tls.crt', 'certFile'),
    has('tls.key', 'keyFile'),
  ];
  const [ca, cert, key] = [values.get(caKey), values.get(certKey), values.get(keyKey)];
  if (ca === undefined && cert === undefined) return undefined;
  const hasIdentity = cert !== undefined && key !== undefined;
  const [given, lacks] = cert === undefined ? ['tls.key', 'tls.crt'] : ['tls.crt', 'tls.key'];
  const isHalf = !hasIdentity && (cert ?? key) !== undefined;
  const told = `Secret ${secret.id} has ${given} and no ${lacks}: no client certificate is sent`;
  const identity = hasIdentity ? { cert, key } : {};
  const pairs = [
    ['caFile', caKey] as const,
    ...(hasIdentity ? [['certFile', certKey] as const, ['keyFile', keyKey] as const] : []),
  ];
  return {
    fields: { tls: { ...identity, ...(ca !== undefined && { ca }) } },
    ...inFiles(secret, pairs, (file) => file),
    ...(isHalf && { told }),
  };
}

/** Each with what of its Secret is read. */
const REFERENCES = [
  ['secretRef', login, 'login for this repository', /^(?:\.dockerconfigjson|\.dockercfg|username|password)$/],
  ['certSecretRef', certificates, 'ca.crt, and no tls.crt with tls.key', /^(?:.+\.crt|tls\.key|.+File)$/],
] as const;

const UNMAPPED: readonly (readonly [key: 'proxySecretRef' | 'serviceAccountName', instead: string])[] = [
  ['proxySecretRef', 'set HTTPS_PROXY'],
  ['serviceAccountName', 'add an entry to credentials'],
];

/** What is left to the user to say in another way. */
function unmapped(input: AccessInput): readonly Notice[] {
  const { spec, placeOf } = input;
  const notices = UNMAPPED.filter(([key]) => spec[key] !== undefined).map(([key, instead]) => ({
    place: formatPlace(placeOf(key)),
    message: `${key} has no effect here; ${instead}`,
  }));
  if (spec.provider === 'generic') return notices;
  const message = `provider ${spec.provider} has no effect here; log in through credentials or a docker credential helper`;
  return [...notices, { place: formatPlace(placeOf('provider')), message }];
}

/** What to write for a Secret that is somewhere else. */
function instead(
  key: 'secretRef' | 'certSecretRef',
  id: string,
  { registry, repository }: Repository,
): string {
  const files =
    key === 'secretRef'
      ? `dockerConfig: ${keptKey(id, '.dockerconfigjson').file}`
      : `caFile: ${keptKey(id, 'ca.crt').file}`;
  return `add an entry to credentials instead: { registry: ${registry}, repository: ${repository}, ${files} }`;
}

/** Maps secretRef, certSecretRef and insecure onto entries for exactly one repository. */
export function mapAccess(input: AccessInput, secrets: FluxSecrets): FluxAccess {
  const { spec, namespace, repository, placeOf } = input;
  const notices: Notice[] = [...unmapped(input)];
  const problems: Problem[] = [];
  const plain = { plainHttp: true };
  const parts: Part[] = spec.insecure ? [{ fields: plain, pointed: plain, secrets: [] }] : [];
  if (spec.insecure) {
    notices.push({ place: formatPlace(placeOf('insecure')), message: 'insecure is read as plain HTTP' });
  }
  for (const [key, read, wanted, isRead] of REFERENCES) {
    const name = spec[key]?.name;
    if (name === undefined) continue;
    const found = secrets.byId.get(`${namespace}/${name}`);
    const place = formatPlace(placeOf(key));
    if (found === undefined) {
      const message = `Secret ${namespace}/${name} is not in these documents; ${instead(key, `${namespace}/${name}`, repository)}`;
      notices.push({ place, message });
      continue;
    }
    const malformed = malformedIn(found, (each) => isRead.test(each));
    if (malformed !== undefined) {
      problems.push({
        ...placeOf(key),
        path: `spec.${key}`,
        message: malformed,
        code: 'CREDENTIAL_UNREADABLE',
      });
      continue;
    }
    try {
      const part = read(found, repository);
      if (part === undefined)
        notices.push({ place, message: `Secret ${namespace}/${name} has no ${wanted}` });
      else parts.push(part);
      if (part?.told !== undefined) notices.push({ place, message: part.told });
    } catch (error) {
      const { code, message } = asLandfallError(error);
      problems.push({ ...placeOf(key), path: `spec.${key}`, message, code });
    }
  }
  if (parts.length === 0) return { credentials: [], written: [], notices, problems };
  const fields: Fields = Object.assign({}, ...parts.map((part) => part.fields));
  const pointed: Fields = Object.assign({}, ...parts.map((part) => part.pointed));
  return {
    credentials: [{ ...repository, origin: formatPlace(input.place), ...fields }],
    written: [
      {
        list: 'credentials',
        entry: { ...repository, ...pointed },
        secrets: parts.flatMap(({ secrets: kept }) => kept),
      },
    ],
    notices,
    problems,
  };
}
