import type { Writable } from 'node:stream';
import { MiB } from '../../../shared/limits.ts';

/** Over every limit it is to be cut at; one that is missing ends a test, and not the machine that it runs on. */
const ENDLESS_BYTES = 64 * MiB;

/**
 * Writes the same bytes again and again, as fast as they are taken, until the reader leaves. One that does not leave
 * gets a proper end at last, which no test of an endless body takes for a cut.
 */
export function writeEndlessly(stream: Writable, piece: string | Uint8Array): void {
  let left = ENDLESS_BYTES;
  const more = (): void => {
    while (stream.writable && left > 0) {
      left -= piece.length;
      if (!stream.write(piece)) return;
    }
    stream.end();
  };
  stream.on('drain', more);
  more();
}
