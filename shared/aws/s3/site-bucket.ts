import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import type { SiteBucket, SiteCopy } from '../../deploy/site/site.ts';
import { LandfallError } from '../../errors.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { cancelled } from '../../kernel/cancelled.ts';
import { mapOf } from '../../kernel/each-of.ts';
import { DEFAULT_LIMITS } from '../../limits.ts';
import type { ArtifactId } from '../../model/ids.ts';
import { fileKey } from '../../store/layout.ts';
import { bareCause, failureOf, formatFailure } from '../request/failure.ts';
import { failureHint } from '../request/failure-kind.ts';
import { encodeKey } from '../request/uri-encoding.ts';
import { elementText } from '../request/xml.ts';
import { formatS3Location } from './location.ts';
import { headObject, listObjects, openObject } from './read.ts';
import { keyIn, type S3Root } from './root.ts';
import { deleteObjects } from './write.ts';

export interface S3SiteOptions {
  /** Where the site is; its prefix is empty or ends in a slash. */
  readonly site: S3Root;
  /** Where artifacts are: in this account or another. */
  readonly store: S3Root;
  readonly artifact: ArtifactId;
  /** The deploy whose site it is: no other has it, wherever it is. */
  readonly owner: string;
}

/** Copies have their content's hash with them, for people who look at an object. */
const SHA256_METADATA = 'landfall-sha256';

/** Which deploy was the last to put it: two that put the same bytes have the same ETag. */
const OWNER_METADATA = 'landfall-deploy';

/** Looks under way at the same time, before files are deleted. */
const LOOKS = 32;

const CHECK = 'Check that the bucket is there, and that the role of the deploy may write under its prefix.';

/**
 * Access that is denied counts as passing, too: a policy takes a while to be in force, and somebody corrects one sooner
 * than they look for a deploy to run again. After its tries the event waits in the dead letters.
 */
function siteError(error: unknown, what: string): LandfallError {
  if (error instanceof LandfallError) {
    if (error.code === 'STORE_CORRUPT') return error;
    return error.with({ code: 'DEPLOY_UNAVAILABLE', message: `${what}: ${error.message}` });
  }
  const failure = failureOf(error);
  const code = failure.code === 'NoSuchKey' ? 'ARTIFACT_NOT_FOUND' : 'DEPLOY_UNAVAILABLE';
  return new LandfallError(code, `${what}: ${formatFailure(failure)}`, {
    cause: bareCause(error),
    ...(code === 'DEPLOY_UNAVAILABLE' && (failure.kind === 'clock' ? failureHint(failure) : { hint: CHECK })),
  });
}

const sourceOf = (root: S3Root, key: string): string => `${root.bucket}/${encodeKey(keyIn(root, key))}`;

/** Hex of a whole object's SHA-256; undefined where S3 did not say, or said one of the parts it was copied in. */
const toldSha256 = (checksum: string | undefined): string | undefined =>
  checksum === undefined || checksum.includes('-')
    ? undefined
    : Buffer.from(checksum, 'base64').toString('hex');

async function readSha256(site: S3Root, path: string, { signal }: CallOptions): Promise<string> {
  const opened = await openObject(site, path, { signal });
  if (opened === undefined) return 'of nothing: it is not there any more';
  const hash = createHash('sha256');
  await pipeline(opened.body, hash, signal === undefined ? {} : { signal });
  return hash.digest('hex');
}

/**
 * A site in a bucket. Files are copied by S3 itself, so that no byte passes through here and memory does not depend on
 * them; S3 hashes what it has written, and that is compared with the commit record.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 */
export function s3SiteBucket({ site, store, artifact, owner }: S3SiteOptions): SiteBucket {
  const place = formatS3Location(site);
  const guarded = async <T>(
    what: string,
    work: () => Promise<T>,
    { signal }: CallOptions = {},
  ): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (signal?.aborted === true) throw cancelled(what, signal);
      throw siteError(error, `${place}: cannot ${what}`);
    }
  };

  async function copy(
    { path, from, sha256, headers }: SiteCopy,
    { signal }: CallOptions = {},
  ): Promise<string> {
    const { text } = await site.client.send({
      method: 'PUT',
      key: keyIn(site, path),
      signal,
      headers: {
        'x-amz-copy-source': sourceOf(store, fileKey(artifact, from)),
        'x-amz-metadata-directive': 'REPLACE',
        'x-amz-checksum-algorithm': 'SHA256',
        [`x-amz-meta-${SHA256_METADATA}`]: sha256,
        [`x-amz-meta-${OWNER_METADATA}`]: owner,
        'content-type': headers.contentType,
        'cache-control': headers.cacheControl,
      },
    });
    const got = toldSha256(elementText(text, 'ChecksumSHA256')) ?? (await readSha256(site, path, { signal }));
    if (got !== sha256) throw differs(path, { got, wanted: sha256 });
    return elementText(text, 'ETag') ?? '';
  }

  async function isOthers(path: string, options: CallOptions): Promise<boolean> {
    const facts = await headObject(site, path, options);
    return facts !== undefined && facts.metadata(OWNER_METADATA) !== owner;
  }

  async function deleteOurs(paths: readonly string[], { signal }: CallOptions = {}): Promise<number> {
    const others = await mapOf(paths, { limit: LOOKS, signal }, (path) => isOthers(path, { signal }));
    const ours = paths.filter((_, at) => others[at] === false);
    await deleteObjects(site, ours, { signal });
    return ours.length;
  }

  return {
    place,
    pathBytes: DEFAULT_LIMITS.pathBytes - Buffer.byteLength(site.prefix),
    list: async function* ({ signal } = {}) {
      const listing = listObjects(site, '', { signal });
      for (;;) {
        const { done, value } = await guarded('list', () => listing.next(), { signal });
        if (done) return;
        yield { path: value.key, version: value.etag };
      }
    },
    copy: (file, options) => guarded(`put ${file.path}`, () => copy(file, options), options),
    delete: (paths, options) =>
      guarded(`delete ${paths[0]} and what follows`, () => deleteOurs(paths, options), options),
  };
}

const differs = (
  path: string,
  { got, wanted }: { readonly got: string; readonly wanted: string },
): LandfallError =>
  new LandfallError('STORE_CORRUPT', `${path}: the copy has SHA-256 ${got}, and the commit record ${wanted}`);
