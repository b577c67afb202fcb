import type { FileEntry } from '../model/artifact-record.ts';
import type { IgnoreTexts } from './ignore.ts';
import type { LinkTarget } from './link-target.ts';

/** What an artifact's layers have given so far. */
export interface Tree {
  /** By path, like the links. */
  readonly files: Map<string, FileEntry>;
  readonly links: Map<string, LinkTarget>;
  /** That there are, empty or not; those above a file or a link need not be here. */
  readonly folders: Set<string>;
  readonly ignoreTexts: IgnoreTexts;
}
