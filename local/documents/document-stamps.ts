import { stat } from 'node:fs/promises';
import { documentsInFolder } from '../../shared/source/file/documents-in-folder.ts';

/** Changes whenever a document that could be read changes, comes or goes. */
async function stampOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return `${path} missing`;
  if (!found.isDirectory()) return `${path} ${found.mtimeMs} ${found.ctimeMs} ${found.size}`;
  try {
    return (await Promise.all((await documentsInFolder(path)).map(fileStamp))).join('\n');
  } catch (error) {
    // That it cannot be read is a change, too: whoever reads it says why.
    return `${path} unreadable ${String(error)}`;
  }
}

const fileStamp = (path: string): Promise<string> =>
  stat(path).then(
    ({ mtimeMs, ctimeMs, size }) => `${path} ${mtimeMs} ${ctimeMs} ${size}`,
    () => `${path} missing`,
  );

/** Of files and folders: differs once one of their documents does. */
export const stampsOf = async (paths: readonly string[]): Promise<string> =>
  (await Promise.all(paths.map(stampOf))).join('\n');
