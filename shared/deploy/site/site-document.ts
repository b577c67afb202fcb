import * as z from 'zod/mini';
import { parseGlob } from '../../glob/glob.ts';
import { SITE_INVALIDATED_PATHS } from '../../limits.ts';
import { checkPath } from '../../store/object-key.ts';
import { REVALIDATE } from './site.ts';

const text = (expression: RegExp, what: string) => z.string().check(z.regex(expression, what));

/** Whether something reads it. */
const readBy =
  (read: (given: string) => unknown) =>
  (given: string): boolean => {
    try {
      read(given);
      return true;
    } catch {
      return false;
    }
  };

const folder = z.string().check(z.refine(readBy(checkPath), 'not a folder such as www/docs'));
const glob = z.string().check(z.refine(readBy(parseGlob), 'not a glob such as assets/**'));
const distribution = text(/^[A-Z0-9]{6,32}$/, 'not the id of a distribution, as E2EXAMPLE');

/** Without a user, a password or a query: what is sent there is signed, and no secret of a URL. */
const isEndpoint = (given: string): boolean => {
  const url = URL.parse(given);
  if (url === null || !/^https?:$/.test(url.protocol)) return false;
  return [url.username, url.password, url.search, url.hash].every((part) => part === '');
};

/** @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html */
const KEY = /^.{1,512}$/u;
const keyName = text(KEY, 'not a key of 1 to 512 bytes').check(
  z.refine((given) => Buffer.byteLength(given) <= 512, 'not a key of 1 to 512 bytes'),
);

/** What a deploy of a site is told in its document. */
export const siteDocument = z.object({
  bucket: text(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'not the name of a bucket'),
  /** The folder of the bucket that is the site; absent: all of it. */
  prefix: z.optional(folder),
  /** Of what speaks as S3 does; absent: S3 itself. */
  endpoint: z.optional(z.string().check(z.refine(isEndpoint, 'not an http:// or https:// URL'))),
  /** Files whose name changes with their content: kept for a year. */
  immutable: z._default(z.readonly(z.array(glob)), []),
  /** Of all other files but pages. */
  cacheControl: z._default(text(/^[\x20-\x7e]{1,256}$/, 'not a header'), REVALIDATE),
  switch: z.optional(
    z.union(
      [
        z.strictObject({
          keyValueStore: text(
            /^arn:[a-z0-9-]+:cloudfront::\d{12}:key-value-store\/[0-9a-f-]{36}$/,
            'not the ARN of a KeyValueStore',
          ),
          key: keyName,
        }),
        z.strictObject({ distribution, origin: text(/^[\x21-\x7e]{1,255}$/, 'not the id of an origin') }),
      ],
      'wanted keyValueStore and key, or distribution and origin',
    ),
  ),
  invalidate: z.optional(
    z.strictObject({
      distribution,
      /** Absent: what changed. */
      paths: z.optional(
        z.readonly(
          z
            .array(text(/^\/[\x21-\x7e]*$/, 'not a path that begins with /'))
            .check(z.minLength(1), z.maxLength(SITE_INVALIDATED_PATHS)),
        ),
      ),
    }),
  ),
});

export type SiteDocument = z.infer<typeof siteDocument>;
