import { LandfallError } from '../../errors.ts';
import { shownUrl } from '../../shown-url.ts';

/** A store in a bucket: `s3://bucket` or `s3://bucket/prefix`. */
export interface S3Location {
  readonly bucket: string;
  /** Empty, or ends in `/`. */
  readonly prefix: string;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const PREFIX = /^[A-Za-z0-9!_.*'()-]+(\/[A-Za-z0-9!_.*'()-]+)*$/;

export const isS3Location = (text: string): boolean => text.startsWith('s3://');

export const formatS3Location = ({ bucket, prefix }: S3Location): string =>
  `s3://${bucket}${prefix === '' ? '' : `/${prefix.slice(0, -1)}`}`;

/** @throws LandfallError USAGE; NOT_SUPPORTED for a directory bucket */
export function parseS3Location(text: string): S3Location {
  const [bucket = '', ...rest] = text.slice('s3://'.length).split('/');
  const prefix = rest.join('/').replace(/\/$/, '');
  const isSafe = prefix === '' || (PREFIX.test(prefix) && !/(^|\/)\.{1,2}(\/|$)/.test(prefix));
  if (!isS3Location(text) || !BUCKET.test(bucket) || bucket.includes('..') || !isSafe)
    throw new LandfallError(
      'USAGE',
      `${JSON.stringify(shownUrl(text))} is not s3://BUCKET or s3://BUCKET/PREFIX`,
      {
        hint: 'Write e.g. s3://my-landfall-store; see bucket names with: aws s3 ls',
      },
    );
  if (bucket.endsWith('--x-s3'))
    throw new LandfallError(
      'NOT_SUPPORTED',
      `s3://${bucket} is a directory bucket, which lists keys in no order`,
      {
        hint: 'Use a general purpose bucket.',
      },
    );
  return { bucket, prefix: prefix === '' ? '' : `${prefix}/` };
}
