import type { Digest } from '../../shared/oci/digest.ts';
import type { RegistryContent } from '../content.ts';
import type { RegistryRequest } from '../registry-request.ts';
import type { Reply } from '../reply.ts';
import type { UploadSessions } from './upload-sessions.ts';

/** Something that came, was mounted or went, for whoever is notified. */
export interface ContentChange {
  readonly action: 'push' | 'mount' | 'delete';
  readonly repository: string;
  readonly mediaType?: string;
  readonly digest?: Digest;
  readonly size?: number;
  readonly tag?: string;
}

/** What every endpoint works with. */
export interface EndpointDeps {
  readonly content: RegistryContent;
  readonly uploads: UploadSessions;
  readonly manifestBytes: number;
  readonly blobBytes: number;
  /** Entries a page of tags has at most. */
  readonly pageSize: number;
  /** False: there is no referrers API, and clients have to use the fallback tag. */
  readonly referrers: boolean;
  readonly notify: (change: ContentChange, request: RegistryRequest) => void;
}

export type Answer = Reply | Promise<Reply>;
