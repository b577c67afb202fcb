import { formatSourceId, type SourceId } from '../../model/ids.ts';
import { isRepositoryPath } from './repository-path.ts';

/** The folder in the one that is deployed to where lists are kept: no tool takes what is in it for a manifest. */
export const INVENTORY_FOLDER = '.landfall';

const TOLD =
  '# What Landfall has written into this folder, by one deploy of one source. It removes these files alone.';

/** Where the list of one deploy of one source is, in the folder that is deployed to. */
export const inventoryPath = (deploy: string, source: SourceId): string =>
  `${INVENTORY_FOLDER}/${deploy}.${formatSourceId(source).replace('/', '.')}`;

/** @param paths in the folder */
export const formatOwned = (paths: readonly string[]): string => [TOLD, ...paths.toSorted(), ''].join('\n');

/** What a list names; whoever can write to the repository may have changed it, and lines that are no paths count for nothing. */
export const parseOwned = (text: string): readonly string[] =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#') && isRepositoryPath(line))
    .filter((path) => !path.startsWith(`${INVENTORY_FOLDER}/`));
