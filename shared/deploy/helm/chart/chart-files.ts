import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { eachOf } from '../../../kernel/each-of.ts';
import { KUBERNETES_ARTIFACT_BYTES } from '../../../limits.ts';
import type { FileEntry } from '../../../model/artifact-record.ts';
import type { DeployArtifact } from '../../kit/deploy-context.ts';
import { deployFailed } from '../../kit/failures.ts';

/** A chart as the artifact has it: a folder, or the archive that `helm package` makes. */
export interface ChartFiles {
  readonly form: 'folder' | 'archive';
  /** In the artifact; `.` is its root. */
  readonly path: string;
  readonly files: readonly FileEntry[];
}

const FILES_AT_ONCE = 8;
const FILE = 'Chart.yaml';
const ARCHIVE = /\.(tgz|tar\.gz|tar\+gzip)$/;

const below = (files: readonly FileEntry[], folder: string): readonly FileEntry[] =>
  folder === '.' ? files : files.filter(({ path }) => path.startsWith(`${folder}/`));

const folderChart = (files: readonly FileEntry[], path: string): ChartFiles => ({
  form: 'folder',
  path,
  files: below(files, path),
});

/** Charts that are within no other: of the folders with a Chart.yaml those that are not in another's. */
function outermost(files: readonly FileEntry[]): readonly string[] {
  const folders = files
    .filter(({ path }) => posix.basename(path) === FILE)
    .map(({ path }) => posix.dirname(path));
  return folders.filter(
    (folder) =>
      !folders.some((other) => other !== folder && (other === '.' || folder.startsWith(`${other}/`))),
  );
}

const HINT = 'Name it as `chart` of the deploy: a folder with a Chart.yaml, or a .tgz.';

function named(files: readonly FileEntry[], given: string): ChartFiles {
  const path = posix.normalize(given).replace(/\/$/, '');
  const file = files.find((each) => each.path === path);
  if (file !== undefined) return { form: 'archive', path, files: [file] };
  const chart = folderChart(files, path);
  if (chart.files.some((each) => each.path === posix.join(path, FILE))) return chart;
  const there = outermost(files).slice(0, 5).join(', ') || 'none';
  throw deployFailed(`${given} of the artifact is no chart; charts in it: ${there}`, { hint: HINT });
}

/**
 * The chart of an artifact: the one that is named, or the only one there. A registry's chart lands as a folder, or as it is
 * where its layer is copied.
 * @throws LandfallError DEPLOY_FAILED where there is none, or several, or it is too large
 */
export function chartIn(files: readonly FileEntry[], given: string | undefined): ChartFiles {
  const chart = given === undefined ? only(files) : named(files, given);
  const size = chart.files.reduce((sum, file) => sum + file.size, 0);
  if (size <= KUBERNETES_ARTIFACT_BYTES) return chart;
  throw deployFailed(`the chart has ${size} bytes, wanted at most ${KUBERNETES_ARTIFACT_BYTES}`, {
    hint: 'Take out of it what is no part of a chart.',
  });
}

function only(files: readonly FileEntry[]): ChartFiles {
  const folders = outermost(files);
  const archives = files.filter(({ path }) => ARCHIVE.test(path));
  const [folder, another] = folders;
  if (folder !== undefined && another === undefined) return folderChart(files, folder);
  const [archive, second] = archives;
  const [lone, more] = files;
  // A layer that is copied has no name of its own.
  const single = archive ?? (more === undefined ? lone : undefined);
  if (folder === undefined && single !== undefined && second === undefined)
    return { form: 'archive', path: single.path, files: [single] };
  const found = [...folders, ...archives.map(({ path }) => path)];
  throw deployFailed(
    found.length === 0
      ? 'the artifact has no chart: no Chart.yaml, and no .tgz'
      : `the artifact has ${found.length} charts: ${found.slice(0, 5).join(', ')}`,
    { hint: HINT },
  );
}

/**
 * Puts the chart where helm reads it.
 * @returns its path
 * @throws LandfallError of the artifact
 */
export async function stageChart(
  { form, path, files }: ChartFiles,
  artifact: Pick<DeployArtifact, 'read'>,
  { folder, signal }: { readonly folder: string; readonly signal: AbortSignal },
): Promise<string> {
  const root = join(folder, form === 'folder' ? 'chart' : 'chart.tgz');
  await eachOf(files, { limit: FILES_AT_ONCE, signal }, async (file) => {
    const target =
      form === 'archive' ? root : join(root, path === '.' ? file.path : file.path.slice(path.length + 1));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, await artifact.read(file.path, KUBERNETES_ARTIFACT_BYTES));
  });
  return root;
}
