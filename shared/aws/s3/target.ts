import { domainOf, ownEndpoint } from '../request/endpoint.ts';

/** Where a bucket is, and what requests to it are signed for. */
export interface S3Target {
  readonly protocol: string;
  /** With the port where it is not the scheme's. */
  readonly host: string;
  readonly hostname: string;
  readonly port: number | undefined;
  /** Ends in a slash; a key of the bucket goes behind it. */
  readonly basePath: string;
  /** What requests are signed for. */
  readonly region: string;
}

export interface S3Place {
  readonly bucket: string;
  readonly region: string;
  /** Where the SDKs' endpoint variables are looked up. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A bucket by the URL that its keys are under. */
export function s3TargetAt(url: URL, region: string): S3Target {
  const { protocol, host, port, pathname } = url;
  // What a socket is opened to has no brackets around an IPv6 address.
  const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const basePath = pathname.endsWith('/') ? pathname : `${pathname}/`;
  return { protocol, host, hostname, port: port === '' ? undefined : Number(port), basePath, region };
}

/** A bucket is in the host, as S3 wants it; in the path at an endpoint of one's own. */
export function s3TargetOf({ bucket, region, env }: S3Place): S3Target {
  const own = ownEndpoint('s3', env);
  if (own !== undefined) return s3TargetAt(new URL(`${own.replace(/\/$/, '')}/${bucket}`), region);
  const service = `s3.${region}.${domainOf(region)}`;
  // A dot in the name would not be in the certificate's wildcard.
  const url = bucket.includes('.') ? `https://${service}/${bucket}` : `https://${bucket}.${service}`;
  return s3TargetAt(new URL(url), region);
}
