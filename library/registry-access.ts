/** How a registry is reached, as the options of the command say it. Beside them count the environment and docker's logins. */
export interface RegistryAccess {
  /** `HOST[/GLOB]=USER:PASS`; the password may be `@FILE` or `env:NAME`; without `:` a registry token. */
  readonly credentials?: readonly string[];
  /** The registry is one's own: http, and it may be on a private or loopback address. */
  readonly plainHttp?: boolean;
  /** The same over TLS. */
  readonly local?: boolean;
  readonly insecureSkipTlsVerify?: boolean;
  /** PEM certificates to trust in place of the system's. */
  readonly caFile?: string;
  /** Ends the call with its reason. */
  readonly signal?: AbortSignal;
  /** Told of a login that could not be read, and is not used. */
  readonly onNote?: (note: string) => void;
}

/** The signal of a call that was given none. */
export const signalOf = ({ signal }: RegistryAccess): AbortSignal => signal ?? new AbortController().signal;
