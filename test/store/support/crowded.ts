import { closeSync, constants, openSync } from 'node:fs';
import { WRITE_BEHIND_LAYER_BYTES } from '../../../shared/limits.ts';
import { StagedFiles, treeOf } from '../../../shared/store/directory/staged-files.ts';

/** Writes two files by the thread; before the second, this process has all the descriptors that it may, for a while. */
const tree = treeOf(new StagedFiles(process.argv[2] ?? ''), undefined);
const behind = tree.writeBehind?.({ bytes: WRITE_BEHIND_LAYER_BYTES, algorithms: [] });
if (behind === undefined) throw new Error('no thread');

async function write(path: string): Promise<void> {
  const writer = await tree.create(path, path.length, 0o644);
  await writer.write((await behind?.take(Buffer.from(path))) ?? Buffer.alloc(0));
  await writer.close();
}

await write('before');
// The room is asked for anew, so that what came is sent.
for (let bytes = 0; bytes < 2 ** 20; bytes += 2 ** 16) await behind.take(Buffer.alloc(2 ** 16));
await new Promise((resolve) => setTimeout(resolve, 300));
const held: number[] = [];
try {
  for (;;) held.push(openSync('/dev/null', constants.O_RDONLY));
} catch {
  // None is left.
}
setTimeout(() => {
  for (const descriptor of held) closeSync(descriptor);
}, 300);
await write('meanwhile');
await behind.settled();
console.log(`held ${held.length > 0}`);
