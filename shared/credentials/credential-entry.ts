/** Where AWS keeps a secret: Secrets Manager by name or ARN, one field of it where it is JSON; or an SSM parameter. */
export type CloudLocation =
  | { readonly secretsManager: string; readonly key?: string }
  | { readonly ssm: string };

/** Reads what AWS keeps. */
export interface CloudSecrets {
  /** @throws LandfallError CREDENTIAL_UNREADABLE, REGISTRY_UNAVAILABLE while the service does not answer */
  read(location: CloudLocation): Promise<string>;
}

/** Where a secret is; never the secret itself unless `value`, which is for trying things out. */
export type SecretLocation =
  | CloudLocation
  | { readonly env: string }
  | { readonly file: string }
  | { readonly value: string };

/** Google's cloud: the JSON key of a service account; or a provider of a workload identity pool that trusts AWS. */
export type GoogleAccess =
  | { readonly serviceAccountKey: SecretLocation }
  | {
      /** `projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER`. */
      readonly workloadIdentity: string;
      /** E-mail of the service account to act as; absent: the pool's own principal. */
      readonly serviceAccount?: string;
    };

/** An application of Entra. Without a secret and a token, AWS's identity is what it trusts. */
export interface AzureAccess {
  readonly tenant: string;
  readonly client: string;
  readonly clientSecret?: SecretLocation;
  readonly federatedToken?: SecretLocation;
}

/** An entry of `credentials`: which repositories, and how they are reached. The most specific match wins. */
export interface CredentialEntry {
  /** Where the entry was written, e.g. `landfall.yaml:12:5`; for explanations. */
  readonly origin?: string;
  /** Host with port; Docker Hub's aliases are `docker.io`. */
  readonly registry: string;
  /** Glob over the repository: `*` within a component, `**` over components. */
  readonly repository?: string;
  readonly username?: SecretLocation | string;
  readonly password?: SecretLocation;
  readonly identityToken?: SecretLocation;
  readonly registryToken?: SecretLocation;
  /** A path, or where the document is. */
  readonly dockerConfig?: string | SecretLocation;
  /** The manifest of a Secret with docker logins: a path, or where the document is. */
  readonly kubernetesSecret?: string | SecretLocation;
  readonly google?: GoogleAccess;
  readonly azure?: AzureAccess;
  /** ARN of the role that is assumed for ECR's credentials: a registry of another account. */
  readonly role?: string;
  readonly plainHttp?: boolean;
  readonly insecureSkipTlsVerify?: boolean;
  readonly local?: boolean;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  /** Requests to the registry at the same time, and in a minute. */
  readonly concurrency?: number;
  readonly requestsPerMinute?: number;
  /** `https://HOST`: a token service that may be sent the credential, on another host than the registry's. */
  readonly tokenService?: string;
  /** PEM texts where a file would be: from a Secret among Flux's documents. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}
