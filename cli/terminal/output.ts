import { errnoOf, LandfallError } from '../../shared/errors.ts';
import type { Terminal } from './terminal.ts';

/** What becomes of what a command writes. */
export interface Output {
  /** Aborted when stdout takes no more: nobody reads on (`| head -1`), or its disk is full. */
  readonly ended: AbortSignal;
  /** Why stdout took no more, but for a reader who had enough; asked when all is written. */
  failure(): Promise<LandfallError | undefined>;
}

const readerGone = (): LandfallError => new LandfallError('CANCELLED', 'nobody reads stdout any more');

const unwritable = (cause: unknown): LandfallError =>
  new LandfallError('OUTPUT_UNWRITABLE', `stdout cannot be written: ${errnoOf(cause) ?? String(cause)}`, {
    cause,
    hint: 'Make room where stdout is sent to. What the command did is done: it is only not told.',
  });

/**
 * Watches both streams to the end of the process: an error of a stream comes after the write that met it, and one that
 * nobody hears ends Node with a stack. A log that cannot be written is dropped: `serve` goes on without it.
 */
export function watchOutput({ stdout, stderr }: Terminal): Output {
  const ended = new AbortController();
  let failure: LandfallError | undefined;
  stdout.on('error', (error) => {
    if (errnoOf(error) !== 'EPIPE') failure ??= unwritable(error);
    ended.abort(failure ?? readerGone());
  });
  stderr.on('error', () => undefined);
  return {
    ended: ended.signal,
    failure: async () => {
      await new Promise(setImmediate);
      return failure;
    },
  };
}
