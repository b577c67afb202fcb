import { createHash } from 'node:crypto';
import type { ArtifactRecord } from '../../../shared/model/artifact-record.ts';
import type { ArtifactId } from '../../../shared/model/ids.ts';
import { ARTIFACTS_PREFIX, fileKey, parseRecordKey, recordKey } from '../../../shared/store/layout.ts';
import type { Invariant } from './seen.ts';

/** A commit record implies every listed object, with its sha256, and these are what was pushed under its digest. */
export const wholeArtifacts: Invariant = ({ objects, touched, truth }) =>
  artifactsTouched(touched).flatMap((id) => {
    const bytes = objects.get(recordKey(id));
    if (bytes === undefined) return [];
    const { files }: ArtifactRecord = JSON.parse(Buffer.from(bytes).toString());
    const pushed = truth.filesOf(id.digest);
    const others = [...(pushed ?? [])].filter(([path, sha256]) =>
      files.every((file) => file.path !== path || file.sha256 !== sha256),
    );
    const missing = others.map(([path]) => `I1: ${id.digest} has not the ${path} that was pushed`);
    const broken = files.flatMap(({ path, sha256 }) => {
      const content = objects.get(fileKey(id, path));
      const found = content && createHash('sha256').update(content).digest('hex');
      return found === sha256
        ? []
        : [`I1: ${id.digest} lists ${path} with ${sha256}, and has ${found ?? 'nothing'}`];
    });
    return [...missing, ...broken];
  });

/** Artifacts of which a key was touched. */
export function artifactsTouched(touched: ReadonlySet<string>): readonly ArtifactId[] {
  const records = new Map<string, ArtifactId>();
  for (const key of touched) {
    if (!key.startsWith(ARTIFACTS_PREFIX)) continue;
    const record = `${key.split('/').slice(0, 4).join('/')}/artifact.json`;
    const id = parseRecordKey(record);
    if (id !== undefined) records.set(record, id);
  }
  return [...records.values()];
}
