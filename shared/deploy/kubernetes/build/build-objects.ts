import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { eachOf } from '../../../kernel/each-of.ts';
import {
  KUBERNETES_ARTIFACT_BYTES,
  KUBERNETES_BUILD_MEMORY_BYTES,
  KUBERNETES_MANIFEST_BYTES,
} from '../../../limits.ts';
import { byPlace } from '../../../model/by-place.ts';
import type { DeployArtifact } from '../../kit/deploy-context.ts';
import { deployFailed } from '../../kit/failures.ts';
import type { ClusterObject } from '../cluster-object.ts';
import type { KubernetesSettings } from '../kubernetes-settings.ts';
import { makeWorkFolder } from '../work-folder.ts';
import { runProgram } from './child-program.ts';
import type { Kubectl } from './kubectl.ts';
import { kustomizationIn, pathInArtifact } from './kustomization-file.ts';
import { type ArtifactFiles, type KustomizationTree, readKustomizationTree } from './kustomization-tree.ts';
import { withCommonMetadata, withOverlay } from './overlay.ts';
import { readObjects } from './read-objects.ts';
import type { Variables } from './substitute.ts';

export interface BuildInput {
  readonly artifact: Pick<DeployArtifact, 'files' | 'read'>;
  readonly settings: KubernetesSettings;
  readonly variables: Variables;
  readonly kubectl: Kubectl;
  readonly signal: AbortSignal;
}

const FILES_AT_ONCE = 8;
/** What a program of Go exits with that has no memory; one that has something to say exits with 1. */
const CRASHED = 2;
const MiB = 1024 * 1024;

function filesOf({ artifact, settings: _settings }: BuildInput): ArtifactFiles {
  const size = artifact.files.reduce((sum, file) => sum + file.size, 0);
  if (size > KUBERNETES_ARTIFACT_BYTES)
    throw deployFailed(
      `the artifact has ${size} bytes, wanted at most ${KUBERNETES_ARTIFACT_BYTES} for kustomize`,
      {
        hint: 'Name the folder with the manifests as `path` of the deploy: nothing else is then read.',
      },
    );
  return {
    paths: new Set(artifact.files.map(({ path }) => path)),
    read: async (path) => Buffer.from(await artifact.read(path, KUBERNETES_ARTIFACT_BYTES)).toString('utf8'),
  };
}

/** Components that the deploy names; those that are not there are left out where it says so. */
function componentsOf(
  { kustomization, components, ignoreMissingComponents }: KubernetesSettings,
  { paths }: ArtifactFiles,
): readonly string[] {
  if (!ignoreMissingComponents) return components;
  return components.filter((path) => {
    const place = pathInArtifact({ field: 'components', path }, kustomization, 'the deploy');
    return kustomizationIn(place, paths) !== undefined;
  });
}

/**
 * Files as they are, but for kustomizations that were checked: of these what was read, and last, since where case is no
 * difference a file of another name may be in their place.
 */
async function stageFiles(
  directory: string,
  { artifact, signal }: BuildInput,
  { files: checked }: KustomizationTree,
): Promise<void> {
  const stage = async (path: string, content: string | Uint8Array): Promise<void> => {
    const target = join(directory, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
  };
  const others = artifact.files.filter(({ path }) => !checked.has(path));
  await eachOf(others.toSorted(byPlace), { limit: FILES_AT_ONCE, signal }, async ({ path }) =>
    stage(path, await artifact.read(path, KUBERNETES_ARTIFACT_BYTES)),
  );
  for (const [path, content] of checked) await stage(path, JSON.stringify(content));
}

/** A child that should it want to fetch something finds no program, no login and no way out. */
const environment = (directory: string): NodeJS.ProcessEnv => ({
  HOME: directory,
  KUBECONFIG: '/dev/null',
  PATH: '/nonexistent',
  HTTP_PROXY: 'http://127.0.0.1:9',
  HTTPS_PROXY: 'http://127.0.0.1:9',
});

/**
 * The objects that the artifact comes to: kustomize's build of a copy in which nothing names what is not in it.
 * @throws LandfallError DEPLOY_FAILED, CANCELLED
 */
export async function buildObjects(input: BuildInput): Promise<readonly ClusterObject[]> {
  const { settings, variables, kubectl, signal } = input;
  const files = filesOf(input);
  const folder = pathInArtifact({ field: 'kustomization', path: settings.kustomization }, '.', 'the deploy');
  const components = componentsOf(settings, files);
  const tree = await readKustomizationTree(folder, files, (content) =>
    withOverlay(content, settings, components),
  );
  const directory = await makeWorkFolder('build');
  try {
    const staged = join(directory, 'artifact');
    await mkdir(staged);
    await stageFiles(staged, input, tree);
    const argv = [
      kubectl.program,
      'kustomize',
      ...['--load-restrictor', 'LoadRestrictionsNone', join(staged, folder)],
    ] as const;
    const memory = KUBERNETES_BUILD_MEMORY_BYTES;
    const call = { argv, env: environment(directory), directory, signal, memory };
    const { code, stdout, stderr } = await runProgram(call, KUBERNETES_MANIFEST_BYTES);
    if (code === CRASHED || code === null)
      throw deployFailed(
        `kustomize build of ${settings.kustomization} crashed: it most likely needs more than ${memory / MiB} MiB of memory`,
        { hint: 'Look for anchors of YAML, and for bases, that name each other over and over.' },
      );
    if (code !== 0) {
      const said = stderr
        .replaceAll(`${staged}/`, '')
        .replaceAll(staged, '.')
        .replace(/^error: /, '');
      throw deployFailed(`kustomize build of ${settings.kustomization} failed: ${said}`, {
        hint: 'Correct the artifact, and push it; `kubectl kustomize` of the folder says the same.',
      });
    }
    const objects = await readObjects(stdout, variables, { signal });
    return objects.map((object) => withCommonMetadata(object, settings));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
