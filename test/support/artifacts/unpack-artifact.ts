import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { isLandfallError, type LandfallError } from '../../../shared/errors.ts';
import { DEFAULT_LIMITS, type Limits } from '../../../shared/limits.ts';
import type { StagedTree } from '../../../shared/model/artifact-store.ts';
import { digestOf } from '../../../shared/oci/digest.ts';
import { type ImageManifest, parseManifest } from '../../../shared/oci/manifest.ts';
import { OCI_CONFIG, OCI_LAYER_GZIP, OCI_MANIFEST } from '../../../shared/oci/media-types.ts';
import { ORAS_UNPACK, TITLE } from '../../../shared/unpack/layer/layer-kinds.ts';
import { type UnpackedTree, unpack } from '../../../shared/unpack/unpack.ts';
import type { UnpackOptions } from '../../../shared/unpack/unpack-options.ts';
import { type StagedFiles, stageInMemory } from '../stores/memory-staging.ts';
import { gzip, tar } from './tar-builder.ts';
import { alsoBehind } from './unpack-behind.ts';

export interface TestLayer {
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface TestArtifact {
  readonly manifest: ImageManifest;
  readonly blobs: ReadonlyMap<string, Buffer>;
}

export const DEFAULT_OPTIONS: UnpackOptions = { mode: 'files', layers: 'auto', links: 'record' };

/** A gzipped tar of whole entries (see tar-builder.ts). */
export const layer = (entries: readonly Buffer[], mediaType = OCI_LAYER_GZIP): TestLayer => ({
  mediaType,
  bytes: gzip(tar(...entries)),
});

/** A real manifest, bottom layer first, parsed from its bytes. */
export function artifact(
  layers: readonly TestLayer[],
  config = OCI_CONFIG,
  content: Buffer = Buffer.from('{}'),
): TestArtifact {
  const describe = ({ mediaType, bytes, annotations }: TestLayer) => ({
    mediaType,
    digest: digestOf(bytes),
    size: bytes.length,
    ...(annotations && { annotations }),
  });
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: describe({ mediaType: config, bytes: content }),
      layers: layers.map(describe),
    }),
  );
  const manifest = parseManifest(bytes, digestOf(bytes));
  assert.ok(manifest.kind === 'manifest');
  return {
    manifest,
    blobs: new Map([content, ...layers.map(({ bytes: blob }) => blob)].map((blob) => [digestOf(blob), blob])),
  };
}

export interface TestUnpackOptions {
  readonly options?: Partial<UnpackOptions>;
  readonly limits?: Partial<Limits>;
  readonly staging?: StagedFiles;
  readonly signal?: AbortSignal;
  readonly prefixBytes?: number;
  /** Default: it is unpacked a second time, see unpack-behind.ts. Not where it is measured what it takes. */
  readonly isOnce?: boolean;
}

export interface TestUnpacked extends UnpackedTree {
  readonly staging: StagedFiles;
  /** Path to text, in the order of `files`. */
  readonly texts: Readonly<Record<string, string>>;
  readonly targets: Readonly<Record<string, string>>;
}

/** Unpacks from memory, and checks that what was reported is what was staged. */
export async function unpackArtifact(
  { manifest, blobs }: TestArtifact,
  { options, limits, staging = stageInMemory(), signal, prefixBytes = 0, isOnce }: TestUnpackOptions = {},
): Promise<TestUnpacked> {
  const into = (target: StagedTree): Promise<UnpackedTree> =>
    unpack(
      {
        manifest,
        options: { ...DEFAULT_OPTIONS, ...options },
        limits: { ...DEFAULT_LIMITS, ...limits },
        prefixBytes,
        ...(signal && { signal }),
      },
      {
        openBlob: async ({ digest }) => Readable.from([blobs.get(digest) ?? Buffer.alloc(0)]),
        staging: target,
      },
    );
  const tree = await (signal === undefined && !isOnce ? alsoBehind(into(staging), into) : into(staging));
  assert.deepEqual([...staging.files.keys()].sort(), tree.files.map(({ path }) => path).sort());
  for (const { path, size, sha256 } of tree.files) {
    const bytes = staging.files.get(path)?.bytes ?? Buffer.alloc(0);
    assert.equal(bytes.length, size, path);
    assert.equal(digestOf(bytes), `sha256:${sha256}`, path);
  }
  const texts = tree.files.map(({ path }) => [path, staging.files.get(path)?.bytes.toString() ?? '']);
  const targets = tree.links.map(({ path, target }) => [path, target]);
  return { ...tree, staging, texts: Object.fromEntries(texts), targets: Object.fromEntries(targets) };
}

/** The error something is refused with. */
export async function refusal(attempt: Promise<unknown>): Promise<LandfallError> {
  const error = await attempt.then(
    () => assert.fail('it was accepted'),
    (reason: unknown) => reason,
  );
  assert.ok(isLandfallError(error), `not a LandfallError: ${(error as Error).stack}`);
  return error;
}

/** A layer of any bytes. */
export const blob = (
  mediaType: string,
  text = mediaType,
  annotations: Record<string, string> = {},
): TestLayer => ({
  mediaType,
  bytes: Buffer.from(text),
  annotations,
});

/** ORAS: the layer is the file, or the packed folder, of this name. */
export const titled = (each: TestLayer, title: string, packed = false): TestLayer => ({
  ...each,
  annotations: { [TITLE]: title, ...(packed && { [ORAS_UNPACK]: 'true' }) },
});
