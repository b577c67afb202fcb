import { createHash } from 'node:crypto';
import { LandfallError } from '../../errors.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { ArtifactStore } from '../../model/artifact-store.ts';
import type { DeployCommon, DeployEntry } from '../../source/deploy-entry.ts';
import type { Store } from '../../store/store.ts';
import type { DeployKinds } from '../kinds/deploy-kinds.ts';
import { bindKind } from './bind-kind.ts';
import type { BoundDeployer } from './visit.ts';

/** What every deploy is told of itself, whatever its kind is told beside that. */
export type DeploySpec = DeployCommon & {
  readonly kind: string;
  /** Of the kind, where they are kept for a removal. */
  readonly settings?: JsonObject;
};

/** What a deploy needs of a store: to write its ledger, and to read all else. */
export interface DeployStore extends Pick<Store, 'objects'> {
  readonly artifacts: Pick<ArtifactStore, 'record' | 'open'>;
}

const SPEC_HASH_LENGTH = 12;

/** Changes with the document of a deploy. */
export const specOf = (entry: Partial<DeployEntry>): string =>
  createHash('sha256').update(JSON.stringify(entry)).digest('hex').slice(0, SPEC_HASH_LENGTH);

/**
 * The kind of a deploy, with the settings of its document.
 * @throws LandfallError CONFIG_INVALID where there is no such kind here
 */
export function deployerOf(kinds: DeployKinds, entry: DeployEntry): BoundDeployer {
  const kind = Object.hasOwn(kinds, entry.kind) ? kinds[entry.kind] : undefined;
  if (kind === undefined) {
    const there = Object.keys(kinds).join(', ');
    throw new LandfallError(
      'CONFIG_INVALID',
      `deploy ${entry.name}: kind ${entry.kind}, wanted one of ${there}`,
    );
  }
  return { ...bindKind(kind, entry.name, entry.settings), spec: specOf(entry) };
}
