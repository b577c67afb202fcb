import type { Digest } from '../../shared/oci/digest.ts';
import type { ReplyHeaders } from '../reply.ts';

/** Which requests a fault is for. */
export interface FaultMatch {
  /** Left out: any. */
  readonly method?: string;
  /** Tried on the decoded path, followed by `?` and the query where there is one. */
  readonly path: RegExp;
  /** Only requests with, or without, an Authorization header. */
  readonly authorized?: boolean;
  /** Lets this many matching requests through first. */
  readonly skip?: number;
  /** Then meets this many; left out: all. */
  readonly times?: number;
}

/** How far a reply gets: nothing, its head, or its head and half of its body. */
export type Cutoff = 'start' | 'head' | 'half';

/** One thing that goes wrong. Those of one fault apply in order. */
export type FaultEffect =
  /** Answers this instead of doing what was asked. Seconds, or a date (sent as an HTTP date), to retry after. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly retryAfter?: number | Date;
      readonly headers?: ReplyHeaders;
      readonly body?: string | Uint8Array;
    }
  /** Answers a redirect; `location` is sent as it stands. */
  | { readonly kind: 'redirect'; readonly status: 301 | 302 | 303 | 307 | 308; readonly location: string }
  /** Puts these bytes on the connection, then closes it: for what no HTTP library would send. */
  | { readonly kind: 'raw'; readonly bytes: string | Uint8Array }
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** Sends so much, then nothing more, and keeps the connection open. */
  | { readonly kind: 'stall'; readonly at: Cutoff }
  /** Sends so much, then closes the connection, `reset` with a TCP reset. */
  | { readonly kind: 'cut'; readonly at: Cutoff; readonly reset?: boolean }
  /** Headers set, replaced, or with undefined left out. Content-Length may lie. */
  | {
      readonly kind: 'headers';
      readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
    }
  /** Another body, with a Content-Length that fits it. */
  | { readonly kind: 'body'; readonly body: string | Uint8Array; readonly contentType?: string }
  /** Turns one bit in the middle of the body. */
  | { readonly kind: 'corrupt' }
  /** More bytes at the end, counted in Content-Length. */
  | { readonly kind: 'extra'; readonly bytes: string | Uint8Array }
  /** Half of the body, with a Content-Length that fits it: whole as HTTP, too short as content. */
  | { readonly kind: 'truncate' }
  /** A true answer, after which the tag points at another digest. */
  | { readonly kind: 'move-tag'; readonly repository: string; readonly tag: string; readonly to: Digest };

/** These answer by themselves: the endpoint is not asked, so nothing is stored. */
export const replaces = (effect: FaultEffect): boolean =>
  effect.kind === 'status' ||
  effect.kind === 'redirect' ||
  effect.kind === 'raw' ||
  ((effect.kind === 'stall' || effect.kind === 'cut') && effect.at === 'start');
