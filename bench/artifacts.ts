import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ArtifactId } from '../shared/model/ids.ts';
import { digestOf } from '../shared/oci/digest.ts';
import { formatRecord } from '../shared/store/commit-record.ts';
import { formatDocument } from '../shared/store/document.ts';
import { fileKey, recordKey, statusKey } from '../shared/store/layout.ts';
import { recordOf } from '../test/conformance/planted-artifacts.ts';
import { revisionOfRecord, statusOf } from '../test/store/support/sample.ts';
import type { Bench, BenchContext, Figure } from './support/bench.ts';
import { type Cost, GNU_TIME, measureCommand } from './support/command.ts';
import { megabytes, seconds } from './support/figures/format.ts';

const LANDFALL = fileURLToPath(new URL('../bin/landfall', import.meta.url));
const ARTIFACTS = 100_000;
/** Of each source, the current one and those before it. */
const REVISIONS = 10;
/** The part of all that nothing names. */
const UNNAMED = 1 / 100;
const COLLECT_CPU_MS = 10_000;
/** For twice as many, of twice the CPU. */
const LINEAR = 1.2;

const put = (path: string, content: string | Uint8Array): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
};

/** An artifact of one small file, last used a day ago. */
function plant(root: string, at: number) {
  const text = `artifact ${at}\n`;
  const id: ArtifactId = { digest: digestOf(text), variant: 'default' };
  const record = recordOf(id, { 'app.yaml': text });
  const path = join(root, recordKey(id));
  put(join(root, fileKey(id, 'app.yaml')), text);
  put(path, formatRecord(record));
  const yesterday = Date.now() / 1000 - 86_400;
  utimesSync(path, yesterday, yesterday);
  return record;
}

/** A store in which nothing names a part of the artifacts, and statuses name the others. */
function plantStore(root: string, artifacts: number): void {
  put(join(root, 'landfall.json'), '{"formatVersion":1}\n');
  const unnamed = artifacts * UNNAMED;
  for (let at = 0; at < unnamed; at += 1) plant(root, at);
  for (let at = unnamed; at < artifacts; at += REVISIONS) {
    const count = Math.min(REVISIONS, artifacts - at);
    const revisions = Array.from({ length: count }, (_, each) =>
      revisionOfRecord(plant(root, at + each), count - each),
    );
    const [current, ...history] = revisions;
    const id = { namespace: 'web', name: `app-${at}` };
    const status = statusOf({ ...id, ...(current && { current, generation: count }), history });
    put(join(root, statusKey(id)), formatDocument(status));
  }
}

async function measured(scratch: string, artifacts: number): Promise<{ collect: Cost; fsck: Cost }> {
  const root = join(scratch, `store-${artifacts}`);
  plantStore(root, artifacts);
  const run = (...argv: readonly string[]): Promise<Cost> =>
    measureCommand(LANDFALL, [...argv, '--store', root, '--json'], { scratch });
  return { collect: await run('collect'), fsck: await run('fsck') };
}

async function run({ quick, scratch, say }: BenchContext): Promise<readonly Figure[]> {
  const most = quick ? ARTIFACTS / 10 : ARTIFACTS;
  say(`${most} artifacts`);
  const half = await measured(scratch, most / 2);
  const many = await measured(scratch, most);
  const growth = many.fsck.cpuMs / half.fsck.cpuMs / 2;
  const { collect, fsck } = many;
  return [
    {
      what: `collect of ${most} artifacts, ${most * UNNAMED} of them unnamed`,
      measured: `${seconds(collect.cpuMs)} of CPU, ${seconds(collect.wallMs)}, ${megabytes(collect.rssBytes)}`,
      target: `≤ ${seconds(COLLECT_CPU_MS)} of CPU`,
      met: collect.cpuMs <= COLLECT_CPU_MS,
    },
    {
      what: `fsck of ${most} artifacts`,
      measured: `${seconds(fsck.cpuMs)} of CPU, ${seconds(fsck.wallMs)}, ${megabytes(fsck.rssBytes)}; ${growth.toFixed(2)} of linear, from half as many`,
      target: `≤ ${LINEAR} of linear`,
      met: growth <= LINEAR,
    },
  ];
}

/** What looks at every artifact of a store. */
export const bench: Bench = {
  name: 'artifacts',
  about: 'collect and fsck of many artifacts',
  needs: [GNU_TIME],
  run,
};
