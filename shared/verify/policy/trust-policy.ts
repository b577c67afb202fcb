import * as z from 'zod/mini';
import { LandfallError } from '../../errors.ts';
import { parseJson } from '../../kernel/json.ts';
import { matched } from '../../kernel/matched.ts';
import { quoted } from '../found/quoted.ts';
import { type DistinguishedName, isNamed, parseIdentity } from './distinguished-name.ts';

/** @see https://github.com/notaryproject/specifications/blob/main/specs/trust-store-trust-policy.md#signature-verification-details */
export const LEVELS = ['strict', 'permissive', 'audit', 'skip'] as const;
export type Level = (typeof LEVELS)[number];
export const STORE_TYPES = ['ca', 'signingAuthority', 'tsa'] as const;
export type StoreType = (typeof STORE_TYPES)[number];

const ACTIONS = ['enforce', 'log', 'skip'] as const;
type Action = (typeof ACTIONS)[number];
export type Check = 'integrity' | 'authenticity' | 'authenticTimestamp' | 'expiry' | 'revocation';

/** What is done where a check fails, by level. */
const LEVEL_ACTIONS: Readonly<Record<Level, Readonly<Record<Check, Action>>>> = {
  strict: {
    integrity: 'enforce',
    authenticity: 'enforce',
    authenticTimestamp: 'enforce',
    expiry: 'enforce',
    revocation: 'enforce',
  },
  permissive: {
    integrity: 'enforce',
    authenticity: 'enforce',
    authenticTimestamp: 'log',
    expiry: 'log',
    revocation: 'log',
  },
  audit: {
    integrity: 'enforce',
    authenticity: 'log',
    authenticTimestamp: 'log',
    expiry: 'log',
    revocation: 'log',
  },
  skip: {
    integrity: 'skip',
    authenticity: 'skip',
    authenticTimestamp: 'skip',
    expiry: 'skip',
    revocation: 'skip',
  },
};

const overrides = z.strictObject({
  authenticity: z.optional(z.enum(['enforce', 'log'])),
  authenticTimestamp: z.optional(z.enum(['enforce', 'log'])),
  expiry: z.optional(z.enum(['enforce', 'log'])),
  revocation: z.optional(z.enum(ACTIONS)),
});
export type Overrides = z.output<typeof overrides>;

const statement = z.strictObject({
  name: z.string().check(z.minLength(1)),
  registryScopes: z.array(z.string()).check(z.minLength(1)),
  signatureVerification: z.strictObject({
    level: z.enum(LEVELS),
    override: z.optional(overrides),
    verifyTimestamp: z.optional(z.enum(['always', 'afterCertExpiry', ''])),
  }),
  trustStores: z.optional(z.array(z.string())),
  trustedIdentities: z.optional(z.array(z.string())),
});
const documentSchema = z.strictObject({
  version: z.literal('1.0'),
  trustPolicies: z.array(statement).check(z.minLength(1)),
});

/** What one statement of a trust policy wants of the repositories that it is for. */
export interface TrustStatement {
  readonly name: string;
  /** `registry/repository`, or `*` alone. */
  readonly scopes: readonly string[];
  readonly level: Level;
  readonly actions: Readonly<Record<Check, Action>>;
  /** Whether a time stamp is wanted though no certificate has expired. */
  readonly isAlwaysStamped: boolean;
  /** `type:name`. */
  readonly stores: readonly string[];
  readonly identities: readonly DistinguishedName[] | '*';
}

const invalid = (why: string, cause?: unknown): LandfallError =>
  new LandfallError('CONFIG_INVALID', `verify: trust policy ${why}`, {
    cause,
    hint: 'See https://notaryproject.dev/docs/user-guides/how-to/manage-trust-policy/',
  });

export interface StatementInput {
  readonly name: string;
  readonly registryScopes: readonly string[];
  readonly level: Level;
  readonly override?: Overrides | undefined;
  readonly verifyTimestamp?: string | undefined;
  readonly trustStores: readonly string[];
  readonly trustedIdentities: readonly string[];
}

const STORE = /^(ca|signingAuthority|tsa):[A-Za-z0-9_.-]+$/;
const SCOPE = /^[a-z0-9.-]+(?::\d+)?\/[a-z0-9._/-]+$/;

function identitiesOf(texts: readonly string[]): TrustStatement['identities'] {
  if (texts.includes('*')) {
    if (texts.length > 1) throw invalid('trusts "*" and others: it has to stand alone');
    return '*';
  }
  const names = texts.map(parseIdentity);
  names.forEach((name, at) => {
    const overlapping = names.findIndex((other, place) => place !== at && isNamed(other, name));
    if (overlapping >= 0) throw invalid(`has overlapping identities: ${texts[at]} and ${texts[overlapping]}`);
  });
  return names;
}

/** @throws LandfallError CONFIG_INVALID */
export function toStatement(input: StatementInput): TrustStatement {
  const { name, registryScopes: scopes, level, override = {}, verifyTimestamp } = input;
  const where = `statement ${JSON.stringify(name)}`;
  if (scopes.includes('*') ? scopes.length > 1 : scopes.some((scope) => !SCOPE.test(scope)))
    throw invalid(
      `${where}: registryScopes are host/repository, or "*" alone, got ${quoted(scopes.join(', '))}`,
    );
  const isSkip = level === 'skip';
  if (isSkip && Object.keys(override).length > 0)
    throw invalid(`${where}: level skip has nothing to override`);
  if ([input.trustStores, input.trustedIdentities].some(({ length }) => length > 0 === isSkip))
    throw invalid(`${where}: ${isSkip ? 'level skip takes no' : 'wanted'} trustStores and trustedIdentities`);
  for (const store of input.trustStores)
    if (!STORE.test(store))
      throw invalid(
        `${where}: ${quoted(store)} is no trust store: wanted ca:NAME, signingAuthority:NAME or tsa:NAME`,
      );
  return {
    name,
    scopes,
    level,
    actions: { ...LEVEL_ACTIONS[level], ...override } as TrustStatement['actions'],
    isAlwaysStamped: verifyTimestamp !== 'afterCertExpiry',
    stores: input.trustStores,
    identities: identitiesOf(input.trustedIdentities),
  };
}

/**
 * Reads a trust policy document of Notation (`trustpolicy.json`). What is not understood is refused.
 * @throws LandfallError CONFIG_INVALID
 */
export function parseTrustPolicy(text: string, where: string): readonly TrustStatement[] {
  const parsed = parseJson(text);
  if (!parsed.ok) throw invalid(`of ${where} is no JSON`);
  const read = matched(parsed.value, documentSchema);
  if (!read.ok) throw invalid(`of ${where}: ${read.why}`);
  const statements = read.data.trustPolicies.map(
    ({
      name,
      registryScopes,
      signatureVerification: { level, override, verifyTimestamp },
      trustStores = [],
      trustedIdentities = [],
    }) =>
      toStatement({ name, registryScopes, level, override, verifyTimestamp, trustStores, trustedIdentities }),
  );
  const scopes = statements.flatMap((each) => each.scopes);
  if (new Set(scopes).size < scopes.length) throw invalid(`of ${where} names a scope twice`);
  return statements;
}

/** The statement for a repository: the one that names it, else that of `*`. */
export const statementFor = (
  statements: readonly TrustStatement[],
  repository: string,
): TrustStatement | undefined =>
  statements.find(({ scopes }) => scopes.includes(repository)) ??
  statements.find(({ scopes }) => scopes.includes('*'));
