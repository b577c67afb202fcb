import { type Readable, Transform } from 'node:stream';
import { isLandfallError, LandfallError } from '../../errors.ts';
import type { BlobContent, PushBlobOptions } from '../client.ts';

/** What is sent with a request; a stream is opened anew for each try, and its length stands in the headers. */
export type RequestBody = Uint8Array | string | (() => Readable);

export interface UploadBodyOptions extends Pick<PushBlobOptions, 'onSent'> {
  /** Of the descriptor, in bytes. */
  readonly size: number;
  readonly what: string;
}

const mismatch = ({ what, size }: UploadBodyOptions, got: string): LandfallError =>
  new LandfallError('SIZE_MISMATCH', `${what}: the descriptor says ${size} bytes, there are ${got}`);

function held(content: Readable, options: UploadBodyOptions): Readable {
  const { size, what, onSent } = options;
  let sent = 0;
  const counting = new Transform({
    transform(chunk: Buffer, _, done) {
      sent += chunk.length;
      if (sent > size) return done(mismatch(options, 'more'));
      onSent?.(sent);
      return done(null, chunk);
    },
    flush: (done) => done(sent < size ? mismatch(options, String(sent)) : null),
  });
  counting.once('close', () => content.destroy());
  content.once('error', (cause) => {
    if (isLandfallError(cause)) return counting.destroy(cause);
    const message = `${what}: its bytes cannot be read: ${cause.message}`;
    return counting.destroy(new LandfallError('INPUT_UNREADABLE', message, { cause }));
  });
  return content.pipe(counting);
}

/**
 * Holds content to the size that its request's head will tell, and tells a file that cannot be read from a connection
 * that broke.
 * @throws LandfallError SIZE_MISMATCH, INPUT_UNREADABLE; of a stream, as it is sent
 */
export function uploadBody(content: BlobContent, options: UploadBodyOptions): RequestBody {
  if (typeof content === 'function') return () => held(content(), options);
  if (content.length !== options.size) throw mismatch(options, String(content.length));
  return content;
}
