import { open } from 'node:fs/promises';

const MARK_BYTES = 256;

/** Of the file that marks a store; a document of somebody's may be called as it is. */
export const isStoreMark = (text: string): boolean => /^\s*\{\s*"formatVersion"\s*:/.test(text);

/** The same of a file; false where there is none, or it cannot be read. */
export async function startsAsStoreMark(path: string): Promise<boolean> {
  try {
    await using file = await open(path, 'r');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MARK_BYTES), 0, MARK_BYTES);
    return isStoreMark(buffer.toString('utf8', 0, bytesRead));
  } catch {
    // What cannot be read is told of when it is read as what it is taken for then.
    return false;
  }
}
