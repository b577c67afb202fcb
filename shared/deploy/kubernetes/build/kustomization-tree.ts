import { inByteOrder } from '../../../kernel/byte-order.ts';
import type { JsonObject } from '../../../kernel/json.ts';
import { deployFailed } from '../../kit/failures.ts';
import {
  inFolder,
  kustomizationIn,
  kustomizationReferences,
  missingReference,
  pathInArtifact,
} from './kustomization-file.ts';
import { readYamlObject } from './yaml-objects.ts';

/** Files of an artifact, and how one is read. */
export interface ArtifactFiles {
  readonly paths: ReadonlySet<string>;
  readonly read: (path: string) => Promise<string>;
}

export interface KustomizationTree {
  /** Where kustomize begins. */
  readonly folder: string;
  /** Kustomizations as they are to be read, by their paths: nothing but what was checked. */
  readonly files: ReadonlyMap<string, JsonObject>;
}

const hasFolder = (folder: string, { paths }: ArtifactFiles): boolean =>
  folder === '.' || paths.values().some((path) => path.startsWith(`${folder}/`));

const isBelow = (path: string, folder: string): boolean => folder === '.' || path.startsWith(`${folder}/`);

/**
 * The kustomization of a folder that has none: its YAML files, and the folders that have one of their own.
 * @see https://github.com/fluxcd/pkg/blob/main/kustomize/kustomize_generator.go
 */
export function generatedKustomization(folder: string, files: ArtifactFiles): JsonObject {
  const below = inByteOrder(files.paths).filter((path) => isBelow(path, folder));
  const bases: string[] = [];
  const resources: string[] = [];
  for (const path of below) {
    if (bases.some((base) => path.startsWith(`${base}/`))) continue;
    const inside = folder === '.' ? path : path.slice(folder.length + 1);
    const base = inside
      .split('/')
      .slice(0, -1)
      .map((_, at, parts) => inFolder(folder, parts.slice(0, at + 1).join('/')))
      .find((each) => kustomizationIn(each, files.paths) !== undefined);
    if (base !== undefined) bases.push(base);
    else if (/\.ya?ml$/.test(path)) resources.push(inside);
  }
  const inner = bases.map((base) => (folder === '.' ? base : base.slice(folder.length + 1)));
  return {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [...resources, ...inner].map((path) => `./${path}`),
  };
}

/**
 * Reads every kustomization that a build from `folder` comes to, and checks that all they name is in the artifact.
 * @param change what the deploy itself says, put into the first of them
 * @throws LandfallError DEPLOY_FAILED
 */
export async function readKustomizationTree(
  folder: string,
  files: ArtifactFiles,
  change: (content: JsonObject) => JsonObject,
): Promise<KustomizationTree> {
  if (!hasFolder(folder, files))
    throw deployFailed(`kustomization ${folder} is no folder of the artifact`, {
      hint: 'Correct `kustomization` of the deploy: it starts at the root of the artifact, or at `path` of the deploy.',
    });
  const read = new Map<string, JsonObject>();
  const visited = new Set<string>();
  const visit = async (at: string, path: string, content: JsonObject): Promise<void> => {
    visited.add(at);
    read.set(path, content);
    const { files: named, bases } = kustomizationReferences(content, path);
    for (const reference of named) {
      const place = pathInArtifact(reference, at, path);
      if (!files.paths.has(place)) throw missingReference(reference, place, path);
    }
    for (const reference of bases) {
      const place = pathInArtifact(reference, at, path);
      if (files.paths.has(place) || visited.has(place)) continue;
      const inner = kustomizationIn(place, files.paths);
      if (inner === undefined) throw missingReference(reference, place, path);
      await visit(place, inner, readYamlObject(await files.read(inner), inner));
    }
  };
  const own = kustomizationIn(folder, files.paths);
  const content =
    own === undefined ? generatedKustomization(folder, files) : readYamlObject(await files.read(own), own);
  await visit(folder, own ?? inFolder(folder, 'kustomization.yaml'), change(content));
  return { folder, files: read };
}
