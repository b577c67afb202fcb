import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CorpusFile, mixedFiles, smallFiles } from './support/artifacts/corpus.ts';
import { writeLayer } from './support/artifacts/layer.ts';
import {
  openNodeTar,
  type ReadArchive,
  readWithLandfall,
  readWithTarStream,
} from './support/artifacts/tar-readers.ts';
import type { Bench, BenchContext, Figure } from './support/bench.ts';
import { milliseconds, ratio } from './support/figures/format.ts';
import { median, pairedRatio } from './support/figures/statistics.ts';

const WARM_UPS = 2;

const readers = (): ReadonlyMap<string, ReadArchive> => {
  const nodeTar = openNodeTar(process.env['BENCH_NODE_TAR']);
  return new Map([
    ['tar-stream', readWithTarStream],
    ...(nodeTar === undefined ? [] : ([['node-tar', nodeTar]] as const)),
    ['landfall', readWithLandfall],
  ]);
};

async function measure(
  name: string,
  files: readonly CorpusFile[],
  { quick, scratch }: BenchContext,
): Promise<readonly Figure[]> {
  const { location } = await writeLayer(files, { location: join(scratch, name), compression: 'gzip' });
  const archive = await readFile(location);
  const times = new Map<string, number[]>();
  for (let round = -WARM_UPS; round < (quick ? 2 : 11); round += 1) {
    for (const [reader, read] of readers()) {
      const begun = performance.now();
      const found = await read(archive);
      const taken = performance.now() - begun;
      if (found !== files.length) throw new Error(`${reader} found ${found} files of ${files.length}`);
      if (round >= 0) times.set(reader, [...(times.get(reader) ?? []), taken]);
    }
  }
  const base = times.get('tar-stream') ?? [];
  return [...times].map(([reader, list]) => ({
    what: `${name} (${files.length} files): ${reader}`,
    measured: `${milliseconds(median(list))}${reader === 'tar-stream' ? '' : `; ${ratio(pairedRatio(list, base))} of tar-stream`}`,
  }));
}

/** In process, nothing written: inflate, read the archive, hash every file. */
export const bench: Bench = {
  name: 'unpack',
  about: 'read a gzipped tar and hash its files (BENCH_NODE_TAR=DIR adds node-tar from DIR/node_modules)',
  needs: [],
  run: async (context) => [
    ...(await measure('small', smallFiles(context.quick ? 500 : 5_000), context)),
    ...(await measure('mixed', mixedFiles(context.quick ? 500 : 11_000), context)),
  ],
};
