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
import type { FluxSecret, FluxSecrets } from './secrets.ts';

/** What an object's way to its registry comes to. */
export interface FluxAccess {
  readonly credentials: readonly CredentialEntry[];
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

type Part = Omit<CredentialEntry, 'registry' | 'repository' | 'origin'>;

function partOf(credential: Credential | undefined): Part | undefined {
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

/** A dockerconfigjson, or the user and password a HelmRepository may have. @throws LandfallError CREDENTIAL_UNREADABLE */
function login({ values, place }: FluxSecret, repository: Repository): Part | undefined {
  const config = dockerConfigIn(values, `in the Secret at ${formatPlace(place)}`);
  if (config === undefined) {
    const [username, password] = [values.get('username'), values.get('password')];
    return username && password ? { username, password: { value: password } } : undefined;
  }
  for (const { auth, key } of fitting(config.auths, repository)) {
    const part = partOf(
      credentialOf(auth, `auths ${JSON.stringify(key)} in the Secret at ${formatPlace(place)}`),
    );
    if (part !== undefined) return part;
  }
  return undefined;
}

/** Flux's keys, and those it had before. */
function certificates({ values }: FluxSecret): Part | undefined {
  const ca = values.get('ca.crt') ?? values.get('caFile');
  const cert = values.get('tls.crt') ?? values.get('certFile');
  const key = values.get('tls.key') ?? values.get('keyFile');
  const identity = cert !== undefined && key !== undefined ? { cert, key } : {};
  return ca === undefined && cert === undefined
    ? undefined
    : { tls: { ...identity, ...(ca !== undefined && { ca }) } };
}

const REFERENCES = [
  ['secretRef', login, 'login for this repository'],
  ['certSecretRef', certificates, 'ca.crt, and no tls.crt with tls.key'],
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

/** Maps secretRef, certSecretRef and insecure onto entries for exactly one repository. */
export function mapAccess(input: AccessInput, secrets: FluxSecrets): FluxAccess {
  const { spec, namespace, repository, placeOf } = input;
  const notices: Notice[] = [...unmapped(input)];
  const problems: Problem[] = [];
  const parts: Part[] = spec.insecure ? [{ plainHttp: true }] : [];
  if (spec.insecure) {
    notices.push({ place: formatPlace(placeOf('insecure')), message: 'insecure is read as plain HTTP' });
  }
  for (const [key, read, wanted] of REFERENCES) {
    const name = spec[key]?.name;
    if (name === undefined) continue;
    const found = secrets.byId.get(`${namespace}/${name}`);
    const place = formatPlace(placeOf(key));
    if (found === undefined) {
      const message = `Secret ${namespace}/${name} is not in these documents; add an entry to credentials instead`;
      notices.push({ place, message });
      continue;
    }
    try {
      const part = read(found, repository);
      if (part === undefined)
        notices.push({ place, message: `Secret ${namespace}/${name} has no ${wanted}` });
      else parts.push(part);
    } catch (error) {
      const { code, message } = asLandfallError(error);
      problems.push({ ...placeOf(key), path: `spec.${key}`, message, code });
    }
  }
  const entry = { ...repository, origin: formatPlace(input.place), ...Object.assign({}, ...parts) };
  return { credentials: parts.length === 0 ? [] : [entry], notices, problems };
}
