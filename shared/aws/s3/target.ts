import { domainOf, ownEndpoint } from '../request/endpoint.ts';
import { type Origin, originOf } from '../request/send.ts';

/** Where a bucket is, and what requests to it are signed for. */
export interface S3Target extends Origin {
  /** Ends in a slash; a key of the bucket goes behind it. */
  readonly basePath: string;
  /** What requests are signed for. */
  readonly region: string;
}

export interface S3BucketLocation {
  readonly bucket: string;
  readonly region: string;
  /** Where the SDKs' endpoint variables are looked up. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A bucket by the URL that its keys are under. */
export function s3TargetAt(url: URL, region: string): S3Target {
  const { pathname } = url;
  return { ...originOf(url), basePath: pathname.endsWith('/') ? pathname : `${pathname}/`, region };
}

/** A bucket is in the host, as S3 wants it; in the path at an endpoint of one's own. */
export function s3TargetOf({ bucket, region, env }: S3BucketLocation): S3Target {
  const own = ownEndpoint('s3', env);
  if (own !== undefined) return s3TargetAt(new URL(`${own.replace(/\/$/, '')}/${bucket}`), region);
  const service = `s3.${region}.${domainOf(region)}`;
  // A dot in the name would not be in the certificate's wildcard.
  const url = bucket.includes('.') ? `https://${service}/${bucket}` : `https://${bucket}.${service}`;
  return s3TargetAt(new URL(url), region);
}
