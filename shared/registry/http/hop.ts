/** Where one request goes. `path` is sent as it is: a presigned URL must not be encoded again. */
export interface Hop {
  /** Scheme, host and, unless it is the scheme's own, port. */
  readonly origin: string;
  /** Without brackets or port removed from an IPv6 address: as in URL.hostname. */
  readonly hostname: string;
  readonly secure: boolean;
  /** Path with query, without fragment. */
  readonly path: string;
}

/** For messages and logs: no query, which may be a signature. */
export const formatHop = ({ origin, path }: Hop): string => `${origin}${path.split('?', 1)[0]}`;
