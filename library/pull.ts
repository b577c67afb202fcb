import { DEFAULT_LIMITS, type Limits } from '../shared/limits.ts';
import type { FileEntry } from '../shared/model/artifact-record.ts';
import type { Digest } from '../shared/oci/digest.ts';
import { pull as pullStaged } from '../shared/reconcile/pull.ts';
import { stageOutput } from '../shared/store/directory/output-directory.ts';
import type { UnpackOptions } from '../shared/unpack/unpack-options.ts';
import { signalOf } from './registry-access.ts';
import { type Resolved, type ResolveOptions, targetOf } from './target.ts';
import { withRegistry } from './with-registry.ts';

export interface PullOptions extends ResolveOptions {
  /** Replaces what the folder holds. Default: it has to be empty or not there yet. */
  readonly force?: boolean;
  /** Which layers, of which platform, read how. Default: the files of an artifact's layers. */
  readonly unpack?: Partial<UnpackOptions>;
  /** What differs from the limits of docs/sources.md. */
  readonly limits?: Partial<Limits>;
}

export interface PulledArtifact extends Resolved {
  /** Over the files: equal means nothing to deploy. */
  readonly contentDigest: Digest;
  readonly mediaType: string;
  readonly artifactType: string | null;
  readonly annotations: Readonly<Record<string, string>>;
  readonly files: readonly FileEntry[];
  /** Bytes. */
  readonly size: number;
  /** What is worth knowing, and is no failure. */
  readonly notes: readonly string[];
}

/**
 * Fetches what a URL points at, proves every digest and unpacks it. The folder appears whole or not at all.
 * @throws LandfallError with the code of docs/errors.md
 */
export function pull(url: string, folder: string, options: PullOptions = {}): Promise<PulledArtifact> {
  const { repository, ref } = targetOf(url, options);
  const signal = signalOf(options);
  const unpack: UnpackOptions = { mode: 'files', layers: 'auto', links: 'record', ...options.unpack };
  const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits };
  return withRegistry(options, async (registry) => {
    const staging = await stageOutput(folder, { force: options.force === true, signal });
    try {
      const { tree, ...pulled } = await pullStaged(
        { repository, ref, unpack, limits, signal },
        { registry, staging },
      );
      await staging.commit(tree.folders ?? []);
      return { ...pulled, files: tree.files, size: tree.size };
    } finally {
      await staging.discard();
    }
  });
}
