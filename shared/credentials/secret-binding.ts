import { LandfallError } from '../errors.ts';
import type { Repository } from '../oci/reference.ts';
import type { Transport } from '../registry/client.ts';
import type { CloudLocation } from './credential-entry.ts';

/**
 * Where secrets may be sent, as their owner says it: whoever writes a document names a registry and a secret, and
 * could name his own beside somebody else's.
 */
export interface SecretBinding {
  /** Names or ARNs of Secrets Manager; `*` stands for any characters. */
  readonly secretsManager?: readonly string[] | undefined;
  /** Names or ARNs of parameters; `*` stands for any characters. */
  readonly ssm?: readonly string[] | undefined;
  /** Hosts with their port, as sources have them. */
  readonly registries: readonly string[];
  /** Teams whose sources may use them. Default: all. */
  readonly namespaces?: readonly string[] | undefined;
  /** `https://HOST`: token services that documents may name. */
  readonly tokenServices?: readonly string[] | undefined;
  /** Also over plain http, and where the certificate is not verified, or by an authority that a document names. */
  readonly insecure?: boolean | undefined;
}

/** What a secret is about to be read for. */
export interface SecretUse {
  readonly location: CloudLocation;
  readonly repository: Repository;
  readonly transport: Transport;
  /** Whoever wrote a document vouches for the registry's certificate, not who runs Landfall. */
  readonly caOfDocument: boolean;
}

/** An ARN also has a name, which Secrets Manager puts six characters behind. */
function formsOf(text: string): readonly string[] {
  const [arn, , service, , , ...resource] = text.split(':');
  if (arn !== 'arn') return [text.replace(/^\//, '')];
  const name = service === 'ssm' ? resource.join(':').replace(/^parameter\//, '') : (resource[1] ?? '');
  return [text, name, name.replace(/-[A-Za-z0-9]{6}$/, '')];
}

const isArn = (text: string): boolean => text.startsWith('arn:');

function isLike(text: string, pattern: string): boolean {
  const parts = pattern.split('*');
  const [first = '', last = ''] = [parts[0], parts.at(-1)];
  if (parts.length === 1) return text === pattern;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last))
    return false;
  const end = text.length - last.length;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/** Two ARNs are compared whole: another account's secret of the same name is another secret. */
function isNamed(place: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const [texts, wanted] =
      isArn(place) && isArn(pattern) ? [[place], [pattern]] : [formsOf(place), formsOf(pattern)];
    return texts.some((text) => wanted.some((each) => isLike(text, each)));
  });
}

/** Whether a binding is of this secret. */
export const isBoundSecret = (
  location: CloudLocation,
  { secretsManager = [], ssm = [] }: Pick<SecretBinding, 'secretsManager' | 'ssm'>,
): boolean =>
  'ssm' in location ? isNamed(location.ssm, ssm) : isNamed(location.secretsManager, secretsManager);

/** Why this binding does not allow a use; undefined: it does. */
function refusal(
  { registries, namespaces, tokenServices = [], insecure = false }: SecretBinding,
  { repository: { registry, namespace }, transport, caOfDocument }: SecretUse,
): string | undefined {
  if (!registries.includes(registry))
    return `may be sent to ${registries.join(', ')}, and not to ${registry}`;
  if (namespaces !== undefined && (namespace === undefined || !namespaces.includes(namespace))) {
    return `is for sources of ${namespaces.join(', ')}, and not of ${namespace ?? 'no namespace'}`;
  }
  const { plainHttp, insecureSkipTlsVerify, tokenService } = transport;
  if (!insecure && (plainHttp || insecureSkipTlsVerify))
    return `may be sent to ${registry} over verified TLS only`;
  if (!insecure && caOfDocument) {
    return `may be sent to ${registry} only where a certificate authority of the installation vouches for it`;
  }
  if (tokenService === undefined || tokenServices.includes(tokenService)) return undefined;
  return `may not be sent to the token service ${tokenService}`;
}

const placeOf = (location: CloudLocation): string =>
  'ssm' in location
    ? `SSM parameter ${location.ssm}`
    : `secret ${location.secretsManager} of Secrets Manager`;

const HINT =
  'Name secret and registry together: under `reach` of the Landfall construct, or in a document of the stack.';

/**
 * Holds a secret back before it is read.
 * @throws LandfallError SECRET_DENIED where no binding of this secret allows it to be sent there
 */
export function checkSecretUse(use: SecretUse, bindings: readonly SecretBinding[]): void {
  const own = bindings.filter((binding) => isBoundSecret(use.location, binding));
  const refused = own.map((binding) => refusal(binding, use));
  if (refused.includes(undefined)) return;
  const why = refused[0] ?? 'is bound to no registry';
  throw new LandfallError('SECRET_DENIED', `${placeOf(use.location)} ${why}`, { hint: HINT });
}
