import assert from 'node:assert/strict';
import type { StagedTree } from '../../../shared/model/artifact-store.ts';

export interface StagedFiles extends StagedTree {
  /** Whole files by path. */
  readonly files: ReadonlyMap<string, { readonly bytes: Buffer; readonly mode: number }>;
  /** Every path ever created, in order, those removed later too. */
  readonly created: readonly string[];
}

/**
 * A staging as strict as an immutable store: a path is written once, and again only when it was taken back; in the size
 * announced, one file at a time, one piece after the other, and never both a file and a folder.
 * `slow` answers every call with a promise, as a store behind a network does.
 */
export function stageInMemory({ slow = false } = {}): StagedFiles {
  const files = new Map<string, { bytes: Buffer; mode: number }>();
  const created: string[] = [];
  const taken = new Set<string>();
  const take = (path: string): void => {
    assert.ok(!taken.has(path), `${path} is written twice`);
    for (const other of taken)
      assert.ok(!other.startsWith(`${path}/`) && !path.startsWith(`${other}/`), `${path} and ${other} clash`);
    taken.add(path);
    created.push(path);
  };
  let open: string | undefined;
  let isBusy = false;
  const answer = (): void | Promise<void> => {
    assert.ok(!isBusy, `${open} is written to before the last piece is`);
    if (!slow) return;
    isBusy = true;
    return new Promise((resolve) => {
      setImmediate(() => {
        isBusy = false;
        resolve();
      });
    });
  };
  return {
    files,
    created,
    create: (path, size, mode) => {
      assert.equal(open, undefined, `${open} is still open`);
      take(path);
      open = path;
      const chunks: Uint8Array[] = [];
      const writer = {
        write: (chunk: Uint8Array) => {
          chunks.push(Uint8Array.from(chunk));
          return answer();
        },
        close: () => {
          const bytes = Buffer.concat(chunks);
          assert.equal(bytes.length, size, `${path} has the size announced`);
          files.set(path, { bytes, mode });
          open = undefined;
          return answer();
        },
      };
      return slow ? Promise.resolve(writer) : writer;
    },
    copy: async (from, to) => {
      await answer();
      const file = files.get(from);
      assert.ok(file, `${from} can be copied to ${to}`);
      take(to);
      files.set(to, file);
    },
    remove: async (paths) => {
      await answer();
      for (const path of paths) {
        assert.ok(files.delete(path), `${path} is there to be removed`);
        taken.delete(path);
      }
    },
    discard: async () => files.clear(),
  };
}
