import type { CallOptions } from '../../kernel/call-options.ts';
import type { FileEntry } from '../../model/artifact-record.ts';

/** What a browser is told of a file beside its bytes. */
export interface SiteHeaders {
  readonly contentType: string;
  readonly cacheControl: string;
}

/** One file as it is to be at `path` of the site; in the artifact where `pack` and `offset` say, if it is packed. */
export interface SiteCopy extends Pick<FileEntry, 'pack' | 'offset'> {
  readonly path: string;
  /** The file in the artifact. */
  readonly from: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly headers: SiteHeaders;
}

export interface ListedFile {
  readonly path: string;
  /** Tells one content from another. */
  readonly version: string;
}

export interface ListSiteOptions extends CallOptions {
  /** Paths in byte order, many of which are there: what is listed at the same time is cut by them, and all is listed. */
  readonly likely?: readonly string[];
}

/**
 * The place of a site, of which nothing outside can be reached through it. Paths are relative to it.
 * Every method throws LandfallError: DEPLOY_UNAVAILABLE, DEPLOY_FAILED, ARTIFACT_NOT_FOUND, STORE_CORRUPT; and ends with
 * its signal.
 */
export interface SiteBucket {
  /** `s3://bucket/prefix` */
  readonly place: string;
  /** UTF-8 bytes a path may have. */
  readonly pathBytes: number;
  /** Tells of everything that is there, whoever put it, once each and in any order. */
  list(found: (file: ListedFile) => void, options?: ListSiteOptions): Promise<void>;
  /** Puts a file over whatever is there, proven to be what `sha256` says; returns its version. */
  copy(copy: SiteCopy, options?: CallOptions): Promise<string>;
  /**
   * Takes away what this deploy was the last to put, and leaves what somebody else did, though it be the same content.
   * Tells how many those were, with those that were gone already.
   */
  delete(paths: readonly string[], options?: CallOptions): Promise<number>;
}
