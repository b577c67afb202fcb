import type { TokenSource } from './held-tokens.ts';

/** What an identity of AWS is good for at a registry. Where there is none, none of it is to be had. */
export interface AwsIdentity {
  /** Of a registry of ECR, asked for as `role` where one is given; undefined for every other registry. */
  ecr(registry: string, role: string | undefined): TokenSource | undefined;
  /**
   * A signed request that says who we are to whoever sends it on, bound to `target`: Google's subject token.
   * @throws LandfallError CREDENTIAL_UNREADABLE
   */
  signCallerIdentity(target: string): Promise<string>;
  /** A JWT for `audience` that says who we are. @throws LandfallError CREDENTIAL_UNREADABLE, REGISTRY_UNAVAILABLE */
  webIdentity(audience: string): Promise<string>;
}
