import type { SiteBucket } from '../../../deploy/kit/site-bucket.ts';
import { LandfallError } from '../../../errors.ts';
import type { CallOptions } from '../../../kernel/call-options.ts';
import { cancelled } from '../../../kernel/cancelled.ts';
import { mapOf } from '../../../kernel/each-of.ts';
import { DEFAULT_LIMITS } from '../../../limits.ts';
import { bareCause, failureFacts, failureOf, formatFailure } from '../../request/failure.ts';
import { failureHint } from '../../request/failure-kind.ts';
import { formatS3Location } from '../location.ts';
import { headObject } from '../read.ts';
import type { S3Root } from '../root.ts';
import { deleteObjects } from '../write.ts';
import { listInParts } from './list-in-parts.ts';
import { OWNER_METADATA, type PutSiteFile, siteObjectHeaders } from './site-file.ts';

export interface S3SiteOptions {
  /** Where the site is; its prefix is empty or ends in a slash. */
  readonly site: S3Root;
  /** How its files come here. */
  readonly put: PutSiteFile;
  /** The deploy whose site it is: no other has it, wherever it is. */
  readonly owner: string;
}

/** Looks under way at the same time, before files are deleted. */
const HEADS = 32;

const CHECK = 'Check that the bucket is there, and that the role of the deploy may write under its prefix.';

/**
 * Access that is denied counts as passing, too: a policy takes a while to be in force, and somebody corrects one sooner
 * than they look for a deploy to run again. After its tries the event waits in the dead letters.
 */
function siteError(error: unknown, what: string): LandfallError {
  if (error instanceof LandfallError) {
    if (error.code === 'STORE_CORRUPT' || error.code === 'ARTIFACT_NOT_FOUND') return error;
    return error.with({ code: 'DEPLOY_UNAVAILABLE', message: `${what}: ${error.message}` });
  }
  const failure = failureOf(error);
  const code = failure.code === 'NoSuchKey' ? 'ARTIFACT_NOT_FOUND' : 'DEPLOY_UNAVAILABLE';
  return new LandfallError(code, `${what}: ${formatFailure(failure)}`, {
    cause: bareCause(error),
    ...failureFacts(failure),
    ...(code === 'DEPLOY_UNAVAILABLE' && (failure.kind === 'clock' ? failureHint(failure) : { hint: CHECK })),
  });
}

/** A site in a bucket. */
export function s3SiteBucket({ site, put, owner }: S3SiteOptions): SiteBucket {
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

  async function isOthers(path: string, options: CallOptions): Promise<boolean> {
    const facts = await headObject(site, path, options);
    return facts !== undefined && facts.metadata(OWNER_METADATA) !== owner;
  }

  async function deleteOurs(paths: readonly string[], { signal }: CallOptions = {}): Promise<number> {
    const others = await mapOf(paths, { limit: HEADS, signal }, (path) => isOthers(path, { signal }));
    const ours = paths.filter((_, at) => others[at] === false);
    await deleteObjects(site, ours, { signal });
    return ours.length;
  }

  return {
    place,
    pathBytes: DEFAULT_LIMITS.pathBytes - Buffer.byteLength(site.prefix),
    list: (found, { likely = [], signal } = {}) =>
      guarded(
        'list',
        () => listInParts(site, { likely, signal }, ({ key, etag }) => found({ path: key, version: etag })),
        { signal },
      ),
    copy: (file, options) =>
      guarded(`put ${file.path}`, () => put(site, file, siteObjectHeaders(file, owner), options), options),
    delete: (paths, options) =>
      guarded(`delete ${paths[0]} and what follows`, () => deleteOurs(paths, options), options),
  };
}
