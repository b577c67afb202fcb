import { fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { S3Spent } from '../../../shared/aws/s3/store/spent.ts';
import { parseDocuments } from '../../../shared/source/document.ts';
import type { Source } from '../../../shared/source/source.ts';
import { bundleEntry } from '../../../test/support/lambda/bundle-function.ts';
import { nextMessage } from '../worker.ts';
import { environmentFor } from './s3-stand-in.ts';

/** What a process that lands one source is told. */
export interface LandingTask {
  readonly source: Source;
}

const ENTRY = fileURLToPath(new URL('./land-into-s3.ts', import.meta.url));

export function sourceAt(url: string, tag: string): Source {
  const text = `sources: [{ name: bench, url: "${url}", ref: { tag: ${tag} }, timeout: 10m }]`;
  const [source] = parseDocuments([{ file: 'bench.yaml', text }]).sources;
  if (source === undefined) throw new Error('the document holds no source');
  return source;
}

/** Bundles what lands a source into S3, as the reconcile function is bundled; returns the bundle's path. */
export const bundleLanding = async (folder: string): Promise<string> =>
  (await bundleEntry(ENTRY, join(folder, 'landing'))).path;

/** Lands a source in a process of its own; tells what its files took. */
export async function landInto(endpoint: string, source: Source, bundle: string): Promise<S3Spent> {
  const task: LandingTask = { source };
  const child = fork(bundle, [JSON.stringify(task)], {
    env: { ...process.env, ...environmentFor(endpoint) },
  });
  return nextMessage<S3Spent>(child);
}
