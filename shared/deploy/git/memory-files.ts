import type { PromiseFsClient } from 'isomorphic-git';

const missing = (path: string): Error => Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });

/** All that anybody asks of a file's state. */
const stateOf = (size: number, isFile: boolean) => ({
  size,
  isFile: () => isFile,
  isDirectory: () => !isFile,
  isSymbolicLink: () => false,
});

const isEncoded = (options: unknown): boolean =>
  options === 'utf8' ||
  (typeof options === 'object' && options !== null && 'encoding' in options && options.encoding === 'utf8');

/** Where a repository is while one visit works on it: nothing of it is on a disk, or left there by who was killed. */
export function memoryFiles(): PromiseFsClient {
  const files = new Map<string, Buffer>();
  const childrenOf = (folder: string): readonly string[] => [
    ...new Set(
      [...files.keys()].flatMap((path) =>
        path.startsWith(`${folder}/`) ? [path.slice(folder.length + 1).split('/', 1)[0] ?? ''] : [],
      ),
    ),
  ];
  const stat = async (path: string) => {
    const file = files.get(path);
    if (file !== undefined) return stateOf(file.length, true);
    if (childrenOf(path).length === 0) throw missing(path);
    return stateOf(0, false);
  };
  return {
    promises: {
      readFile: async (path: string, options?: unknown) => {
        const file = files.get(path);
        if (file === undefined) throw missing(path);
        return isEncoded(options) ? file.toString('utf8') : file;
      },
      writeFile: async (path: string, content: Uint8Array | string) => {
        files.set(path, Buffer.from(content as Uint8Array));
      },
      unlink: async (path: string) => {
        if (!files.delete(path)) throw missing(path);
      },
      readdir: async (path: string) => childrenOf(path),
      // A folder is there as soon as something is in it.
      mkdir: async () => undefined,
      rmdir: async () => undefined,
      stat,
      lstat: stat,
      readlink: async (path: string) => {
        throw missing(path);
      },
      symlink: async (_target: string, path: string) => {
        throw missing(path);
      },
    },
  };
}
