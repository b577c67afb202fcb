import { LandfallError } from '../errors.ts';

/** One file to pack. */
export interface SourceFile {
  /** In the artifact, judged. */
  readonly path: string;
  /** On disk, without links on the way. */
  readonly location: string;
  /** Bytes when it was found. */
  readonly size: number;
  /** 0644 or 0755: nothing of a mode but the execute bit is content. */
  readonly mode: number;
}

/** A failure of the file system, told with the path as the user wrote it. */
export const unreadable = (location: string, cause: unknown): LandfallError =>
  new LandfallError(
    'INPUT_UNREADABLE',
    `cannot read ${location}: ${cause instanceof Error ? cause.message.split(',', 1)[0] : String(cause)}`,
    { cause, hint: 'Check that the path exists and may be read.' },
  );

export const changed = (location: string, cause?: unknown): LandfallError =>
  new LandfallError('INPUT_UNREADABLE', `${location} changed while it was packed`, {
    cause,
    hint: 'Push again when nothing writes to the folder.',
  });
