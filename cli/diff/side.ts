import type { Readable } from 'node:stream';
import type { ListedContent } from '../../shared/event/changes.ts';

/** One of the two that are compared. */
export interface DiffSide extends AsyncDisposable {
  readonly content: ListedContent;
  /** Opens a file that the content lists. */
  open(path: string): Promise<Readable>;
}
