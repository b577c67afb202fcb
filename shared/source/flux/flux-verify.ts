import * as z from 'zod';
import { asLandfallError } from '../../errors.ts';
import { wholeMatcher } from '../../resolve/whole-matcher.ts';
import { parseTrustPolicy } from '../../verify/policy/trust-policy.ts';
import type { YamlDocument } from '../file/yaml-document.ts';
import { formatPlace, type Problem } from '../problem.ts';
import { refusedWhen, textFor } from '../schema/schema-fields.ts';
import type { Notice } from '../source.ts';
import { type FluxSecret, type FluxSecrets, malformedIn } from './secrets.ts';

const ANYBODY =
  'wanted secretRef or matchOIDCIdentity: without either Flux takes a signature of anybody who has an account';

const NO_SECRET = 'wanted secretRef: notation wants a Secret with trustpolicy.json and certificates';

/** @see https://github.com/fluxcd/source-controller/blob/main/docs/spec/v1/ocirepositories.md#verification */
export const fluxVerify = z
  .strictObject({
    provider: z.enum(['cosign', 'notation']).default('cosign'),
    secretRef: z.looseObject({ name: z.string().min(1) }).exactOptional(),
    trustedRootSecretRef: z.looseObject({ name: z.string().min(1) }).exactOptional(),
    matchOIDCIdentity: z
      .array(z.strictObject({ issuer: textFor(wholeMatcher), subject: textFor(wholeMatcher) }))
      .default([]),
  })
  .check(
    refusedWhen(({ provider, secretRef, matchOIDCIdentity = [] }) => {
      if (provider === 'notation' && secretRef === undefined) return { message: NO_SECRET };
      return secretRef === undefined && matchOIDCIdentity.length === 0 ? { message: ANYBODY } : undefined;
    }),
  );

/** What an object says of who has to have signed, and where it says so. */
export interface VerifySpec {
  readonly spec: z.output<typeof fluxVerify>;
  readonly namespace: string;
  readonly document: YamlDocument;
}

type Mapped =
  | { readonly verify: Readonly<Record<string, unknown>>; readonly notices: readonly Notice[] }
  | { readonly problem: Problem };

const isAnchored = (pattern: string): boolean => pattern.startsWith('^') && pattern.endsWith('$');

function problemAt({ document }: VerifySpec, message: string): Mapped {
  return {
    problem: {
      ...document.placeOfKey(['spec'], 'verify'),
      path: 'spec.verify',
      message,
      code: 'CONFIG_INVALID',
    },
  };
}

/** Flux takes every entry of the Secret whose name ends in `.pub`, and looks at no log. */
function keyed(verify: VerifySpec, id: string, secret: FluxSecret): Mapped {
  const keys = [...secret.values].flatMap(([key, pem]) => (key.endsWith('.pub') ? [{ pem }] : []));
  if (keys.length === 0) return problemAt(verify, `Secret ${id} has no entry whose name ends in .pub`);
  return { verify: { provider: 'cosign', keys, transparencyLog: false }, notices: [] };
}

const TRUST_POLICY = 'trustpolicy.json';

/** Flux takes every certificate of the Secret for each trust store that the policy names, whatever its type. */
function notated(verify: VerifySpec, id: string, secret: FluxSecret): Mapped {
  const text = secret.values.get(TRUST_POLICY);
  if (text === undefined) return problemAt(verify, `Secret ${id} has no ${TRUST_POLICY}`);
  const certificates = [...secret.values].flatMap(([key, pem]) =>
    /\.(?:pem|crt)$/.test(key) ? [{ pem }] : [],
  );
  if (certificates.length === 0)
    return problemAt(verify, `Secret ${id} has no certificate: no entry whose name ends in .pem or .crt`);
  let stores: readonly string[];
  try {
    stores = parseTrustPolicy(text, `${TRUST_POLICY} of Secret ${id}`).flatMap((each) => each.stores);
  } catch (error) {
    return problemAt(verify, asLandfallError(error).message);
  }
  const typeOf = (store: string): string => store.split(':', 1)[0] ?? '';
  if (
    stores.some((each) => typeOf(each) === 'ca') &&
    stores.some((each) => typeOf(each) === 'signingAuthority')
  )
    return problemAt(
      verify,
      `Secret ${id} has the certificates of trust stores ca and signingAuthority in one: a CA’s customers could say when they signed; write a source with verify.trustStores`,
    );
  const trustStores = [...new Set(stores)].map((store) => ({
    type: typeOf(store),
    name: store.slice(typeOf(store).length + 1),
    certificates,
  }));
  return { verify: { provider: 'notation', trustStores, trustPolicy: { pem: text } }, notices: [] };
}

function bySecret(verify: VerifySpec, name: string, secrets: FluxSecrets): Mapped {
  const id = `${verify.namespace}/${name}`;
  const secret = secrets.byId.get(id);
  if (secret === undefined)
    return problemAt(
      verify,
      `Secret ${id} has the keys and is in none of the documents: add it, or write a source with verify.keys`,
    );
  const malformed = malformedIn(secret, () => true);
  if (malformed !== undefined) return problemAt(verify, malformed);
  return (verify.spec.provider === 'notation' ? notated : keyed)(verify, id, secret);
}

const TRUSTED_ROOT = 'trusted_root.json';

/** A Sigstore of one's own in place of the public one. */
function trustedRootOf(
  { spec, namespace }: VerifySpec,
  { byId }: FluxSecrets,
): { readonly pem: string } | undefined | string {
  if (spec.trustedRootSecretRef === undefined || spec.provider !== 'cosign') return undefined;
  const id = `${namespace}/${spec.trustedRootSecretRef.name}`;
  const secret = byId.get(id);
  if (secret === undefined)
    return `Secret ${id} has the trusted root and is in none of the documents: add it, or write a source with verify.trustedRoot`;
  const malformed = malformedIn(secret, (key) => key === TRUSTED_ROOT);
  if (malformed !== undefined) return malformed;
  const pem = secret.values.get(TRUSTED_ROOT);
  return pem === undefined ? `Secret ${id} has no ${TRUSTED_ROOT}` : { pem };
}

/** What spec.verify comes to, in the form of our own document. */
export function mapVerify(verify: VerifySpec, secrets: FluxSecrets): Mapped {
  const root = trustedRootOf(verify, secrets);
  if (typeof root === 'string') return problemAt(verify, root);
  const mapped = mapSigners(verify, secrets);
  if (root === undefined || 'problem' in mapped) return mapped;
  return { ...mapped, verify: { ...mapped.verify, trustedRoot: root } };
}

function mapSigners(verify: VerifySpec, secrets: FluxSecrets): Mapped {
  const { spec, document } = verify;
  if (spec.secretRef !== undefined) return bySecret(verify, spec.secretRef.name, secrets);
  const loose = spec.matchOIDCIdentity
    .flatMap(({ issuer, subject }) => [issuer, subject])
    .filter((each) => !isAnchored(each));
  const place = formatPlace(document.placeOfKey(['spec'], 'verify'));
  const message =
    'the whole of issuer and subject has to match here; Flux also takes those that a part of matches, unless written ^…$';
  return {
    verify: {
      provider: 'cosign',
      identities: spec.matchOIDCIdentity.map(({ issuer, subject }) => ({
        issuerPattern: issuer,
        subjectPattern: subject,
      })),
    },
    notices: loose.length > 0 ? [{ place, message }] : [],
  };
}
