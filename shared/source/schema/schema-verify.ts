import * as z from 'zod';
import { ATTESTATIONS, IDENTITY_CHARACTERS, POLICY_SIGNERS } from '../../limits.ts';
import { wholeMatcher } from '../../resolve/whole-matcher.ts';
import { parseIdentity } from '../../verify/policy/distinguished-name.ts';
import { LEVELS, STORE_TYPES, toStatement } from '../../verify/policy/trust-policy.ts';
import { attestation } from './schema-attestation.ts';
import { type Refusal, refusalOf, refusedWhen, textFor, wanted } from './schema-fields.ts';
import { location, signerKey, trustedRoot } from './schema-trust.ts';

const pattern = textFor(wholeMatcher).meta({ description: 'RE2; the whole text has to match' });
const exact = z.string().min(1).max(IDENTITY_CHARACTERS);

type RuleShape = Readonly<Partial<Record<'issuer' | 'issuerPattern' | 'subject' | 'subjectPattern', string>>>;

/** Who may sign is never guessed: an issuer alone is everybody who has an account there. */
function halfOf(rule: RuleShape): Refusal | undefined {
  for (const [key, patternKey] of [
    ['issuer', 'issuerPattern'],
    ['subject', 'subjectPattern'],
  ] as const) {
    const given = [rule[key], rule[patternKey]].filter((each) => each !== undefined).length;
    if (given !== 1)
      return { message: `wanted one of ${key} and ${patternKey}, got ${given === 0 ? 'none' : 'both'}` };
  }
  return undefined;
}

const identity = z
  .strictObject({
    issuer: exact.exactOptional().meta({ description: 'e.g. https://token.actions.githubusercontent.com' }),
    issuerPattern: pattern.exactOptional(),
    subject: exact
      .exactOptional()
      .meta({ description: 'As the certificate has it: an address, or the URL of a workflow' }),
    subjectPattern: pattern.exactOptional(),
  })
  .check(refusedWhen(halfOf));

const cosign = z
  .strictObject({
    provider: z.literal('cosign'),
    keys: z
      .array(signerKey)
      .default([])
      .meta({ description: 'Public keys, in PEM or of AWS KMS: ECDSA, RSA or Ed25519' }),
    identities: z
      .array(identity)
      .default([])
      .meta({ description: 'Who may sign without a key of their own' }),
    transparencyLog: z
      .boolean()
      .default(true)
      .meta({ description: 'Whether each signature has to stand in a transparency log' }),
    trustedRoot: trustedRoot
      .exactOptional()
      .meta({ description: 'A trusted_root.json; default: the public instance of Sigstore' }),
    attestations: z.array(attestation).max(ATTESTATIONS).exactOptional().meta({
      description: 'What has to be said of it beside that, each by one of the signers',
    }),
    signature: z.boolean().exactOptional().meta({
      description: 'False: the attestations are enough, without a signature; default true',
    }),
    require: z
      .union([z.enum(['any', 'all']), z.int().min(1)], wanted('any, all or a number'))
      .default('any')
      .meta({ description: 'How many of keys and identities have to have signed' }),
  })
  .check(
    refusedWhen(({ keys = [], identities = [], require, signature, attestations = [] }) => {
      const signers = keys.length + identities.length;
      if (signers === 0) return { message: 'wanted keys or identities: nobody is named who may sign' };
      if (signature === false && attestations.length === 0)
        return { message: 'signature: false without attestations would ask for nothing' };
      if (signers > POLICY_SIGNERS)
        return { message: `wanted at most ${POLICY_SIGNERS} keys and identities, got ${signers}` };
      return typeof require === 'number' && require > signers
        ? { message: `require: ${require} of ${signers} can never be` }
        : undefined;
    }),
  );

const trustStore = z.strictObject({
  type: z.enum(STORE_TYPES).meta({ description: 'What its certificates are trusted for' }),
  name: z.string().regex(/^[A-Za-z0-9_.-]+$/, wanted('letters, digits and _.-')),
  certificates: z
    .array(location(() => undefined))
    .min(1)
    .meta({ description: 'Certificates in PEM' }),
});

const notation = z
  .strictObject({
    provider: z.literal('notation'),
    trustStores: z.array(trustStore).default([]).meta({ description: 'Whose certificates are trusted' }),
    trustPolicy: location(() => undefined)
      .exactOptional()
      .meta({ description: 'A trustpolicy.json of Notation, in place of level and trustedIdentities' }),
    level: z.enum(LEVELS).exactOptional().meta({ description: 'Default strict' }),
    override: z
      .strictObject({
        authenticity: z.enum(['enforce', 'log']).exactOptional(),
        authenticTimestamp: z.enum(['enforce', 'log']).exactOptional(),
        expiry: z.enum(['enforce', 'log']).exactOptional(),
        revocation: z.enum(['enforce', 'log', 'skip']).exactOptional(),
      })
      .exactOptional()
      .meta({ description: 'Checks that are done otherwise than the level says' }),
    verifyTimestamp: z.enum(['always', 'afterCertExpiry']).exactOptional(),
    trustedIdentities: z
      .array(textFor((text) => text === '*' || parseIdentity(text)))
      .default([])
      .meta({ description: 'x509.subject: C=…, ST=…, O=…, or * alone' }),
    local: z
      .boolean()
      .exactOptional()
      .meta({ description: 'Lists of revoked certificates may be on private or loopback addresses' }),
  })
  .check(
    refusedWhen((policy) => {
      const {
        trustPolicy,
        level,
        override,
        verifyTimestamp,
        trustedIdentities = [],
        trustStores = [],
      } = policy;
      const names = trustStores.map(({ type, name }) => `${type}:${name}`);
      if (new Set(names).size < names.length) return { message: 'wanted each trust store once' };
      if (trustPolicy === undefined)
        return refusalOf(() =>
          toStatement({
            name: 'verify',
            registryScopes: ['*'],
            level: level ?? 'strict',
            override,
            verifyTimestamp,
            trustStores: names,
            trustedIdentities,
          }),
        );
      const given = [level, override, verifyTimestamp].some((each) => each !== undefined);
      return given || trustedIdentities.length > 0
        ? { message: 'trustPolicy says level, override, verifyTimestamp and trustedIdentities itself' }
        : undefined;
    }),
  );

/** Who has to have signed what lands. What is not understood is refused: a policy with a typo would let anything in. */
export const verify = z.discriminatedUnion(
  'provider',
  [cosign, notation],
  wanted('provider cosign or notation'),
);

export type CosignDocument = z.output<typeof cosign>;
export type NotationDocument = z.output<typeof notation>;
export type VerifyDocument = CosignDocument | NotationDocument;
