import { X509Certificate } from 'node:crypto';
import { LandfallError } from '../../errors.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { type Digest, digestOf } from '../../oci/digest.ts';
import type { ProxyEnv } from '../../registry/http/proxy.ts';
import type { NotationPolicy, TrustStore } from '../policy/policy.ts';
import { readLocation } from '../policy/read-location.ts';
import { isSelfSigned } from '../policy/self-signed.ts';
import { parseTrustPolicy, type TrustStatement, toStatement } from '../policy/trust-policy.ts';
import type { TrustOptions } from '../policy/trust-sources.ts';

/** Certificates by `type:name`. */
export type TrustStores = ReadonlyMap<string, readonly X509Certificate[]>;

/** A policy of notation with what its files have now. */
export interface NotationInForce {
  readonly provider: 'notation';
  /** What the installation calls it; absent: it is the source's own. */
  readonly name?: string;
  readonly statements: readonly TrustStatement[];
  readonly stores: TrustStores;
  /** How lists of revoked certificates are read; without `env` they are not. */
  readonly revocation: { readonly env: ProxyEnv | undefined; readonly local: boolean };
  /** Of all of it. */
  readonly digest: Digest;
}

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

const refuse = (where: string, why: string, cause?: unknown): LandfallError =>
  new LandfallError('CONFIG_INVALID', `verify: ${where} ${why}`, {
    cause,
    hint: 'Give certificates in PEM: those of authorities, or the self-signed one of a signer.',
  });

/** A certificate that is trusted certifies others, or is the signer's own and signed by itself. */
function readCertificates(pem: string, where: string): readonly X509Certificate[] {
  if (pem.includes('PRIVATE KEY')) throw refuse(where, 'has a private key');
  const blocks = pem.match(BLOCK) ?? [];
  if (blocks.length === 0) throw refuse(where, 'has no certificate in PEM');
  return blocks.map((block) => {
    let certificate: X509Certificate;
    try {
      certificate = new X509Certificate(block);
    } catch (cause) {
      throw refuse(where, 'has a certificate that cannot be read', cause);
    }
    if (!certificate.ca && !isSelfSigned(certificate))
      throw refuse(
        where,
        `has the certificate of ${certificate.subject.replaceAll('\n', ', ')}, which is no authority’s`,
      );
    return certificate;
  });
}

async function readStore({ certificates }: TrustStore, options: CallOptions) {
  const given = await Promise.all(certificates.map((location) => readLocation(location, options)));
  return given.flatMap(({ text, where }) => readCertificates(text, where));
}

async function statementsOf(
  policy: NotationPolicy,
  options: CallOptions,
): Promise<readonly TrustStatement[]> {
  const { trustPolicy, level = 'strict', override, verifyTimestamp, trustedIdentities, trustStores } = policy;
  if (trustPolicy !== undefined) {
    const { text, where } = await readLocation(trustPolicy, options);
    return parseTrustPolicy(text, where);
  }
  const stores = trustStores.map(({ type, name }) => `${type}:${name}`);
  const given = { name: 'verify', registryScopes: ['*'], level, override, verifyTimestamp };
  return [toStatement({ ...given, trustStores: level === 'skip' ? [] : stores, trustedIdentities })];
}

const factsOf = (statement: TrustStatement) => ({
  ...statement,
  identities: statement.identities === '*' ? '*' : statement.identities.map((name) => [...name]),
});

/** @throws LandfallError CONFIG_UNREADABLE, CONFIG_INVALID */
export async function notationInForce(
  policy: NotationPolicy,
  options: TrustOptions,
): Promise<NotationInForce> {
  const { provider, name } = policy;
  const statements = await statementsOf(policy, options);
  const stores: TrustStores = new Map(
    await Promise.all(
      policy.trustStores.map(
        async (store): Promise<readonly [string, readonly X509Certificate[]]> => [
          `${store.type}:${store.name}`,
          await readStore(store, options),
        ],
      ),
    ),
  );
  const missing = statements.flatMap((each) => each.stores).find((store) => !stores.has(store));
  if (missing !== undefined)
    throw refuse(
      'trust policy',
      `names the trust store ${missing}, and trustStores has ${[...stores.keys()].join(', ') || 'none'}`,
    );
  const certificates = [...stores].map(([key, list]) => [
    key,
    list.map(({ fingerprint256 }) => fingerprint256),
  ]);
  const digest = digestOf(JSON.stringify({ provider, statements: statements.map(factsOf), certificates }));
  const revocation = { env: options.trust?.env, local: policy.local ?? false };
  return { provider, ...(name !== undefined && { name }), statements, stores, revocation, digest };
}
