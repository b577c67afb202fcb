import { createHash } from 'node:crypto';
import { type JsonObject, sortedKeys } from '../../../kernel/json.ts';
import type { HelmSettings } from '../helm-settings.ts';
import { type ChartFiles, chartIn } from './chart-files.ts';
import { type ReleaseValues, readDefaults, readValues, type ValuesInput } from './read-values.ts';

/** What a release is to be. */
export interface WantedRelease {
  readonly chart: ChartFiles;
  readonly values: JsonObject;
  /** In place of the chart's own; undefined: those. */
  readonly defaults: JsonObject | undefined;
  /** Of all of these, of the length of a label: a release that has it on it is what is wanted. */
  readonly digest: string;
}

const DIGEST = 40;

/** Changes with the chart's files, wherever they are in the artifact, and with the values. Pure. */
export function releaseDigest(
  { path, form, files }: ChartFiles,
  { values, salts }: ReleaseValues,
  defaults?: JsonObject,
): string {
  const start = form === 'archive' || path === '.' ? 0 : path.length + 1;
  const chart =
    form === 'archive'
      ? files.map(({ sha256 }) => sha256)
      : files.map(({ path: each, sha256 }) => `${sha256} ${each.slice(start)}`);
  return createHash('sha256')
    .update(JSON.stringify([chart, values, salts, defaults], sortedKeys))
    .digest('hex')
    .slice(0, DIGEST);
}

/** What the artifact and the deploy together want the release to be; no program is run for it. @throws LandfallError */
export async function wantedRelease(
  input: ValuesInput & { readonly settings: HelmSettings },
): Promise<WantedRelease> {
  const chart = chartIn(input.artifact.files, input.settings.chart);
  const defaults = await readDefaults(chart, input);
  const read = await readValues(input);
  return { chart, values: read.values, defaults, digest: releaseDigest(chart, read, defaults) };
}
