/** Who may do what. Users are `name: password`. */
export type RegistryAuth =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'basic'; readonly users: Readonly<Record<string, string>> }
  | BearerAuth;

/** @see https://distribution.github.io/distribution/spec/auth/token/ */
export interface BearerAuth {
  readonly kind: 'bearer';
  readonly users: Readonly<Record<string, string>>;
  /** Tokens to pull are given without a credential. */
  readonly anonymousPull?: boolean;
  /** Identity (refresh) tokens the oauth2 POST takes in place of a password. */
  readonly identityTokens?: readonly string[];
  /** How long a token is good. Left out: 60 s, and not said in the answer. */
  readonly expiresInSeconds?: number;
  /** Which field of the answer the token is in. */
  readonly tokenField?: 'token' | 'access_token' | 'both';
  /** Said in the challenge instead of the registry's own token endpoint. */
  readonly realm?: string;
  /**
   * What a token past its time gets: a challenge, or what ECR Public says.
   * @see https://github.com/aws/containers-roadmap/issues/2835
   */
  readonly expired?: 'challenge' | 'ecr-public';
}

export const ANONYMOUS: RegistryAuth = { kind: 'anonymous' };
