import { type ArtifactRecord, recordSchema } from '../model/artifact-record.ts';
import type { ArtifactId } from '../model/ids.ts';
import { corruptDocument, type DocumentKind, parseDocument } from './document.ts';
import { recordKey } from './layout.ts';

const KIND: DocumentKind<ArtifactRecord> = {
  what: 'a commit record',
  schema: recordSchema,
  newest: 2,
  hint: 'Run `landfall fsck --repair`: the artifact is landed again by the next reconcile.',
};

/** @throws LandfallError STORE_CORRUPT, STORE_VERSION */
export function parseRecord(content: Uint8Array, id: ArtifactId): ArtifactRecord {
  const key = recordKey(id);
  const record = parseDocument(KIND, key, content);
  if (record.digest === id.digest && record.variant === id.variant) return record;
  throw corruptDocument(KIND, key, `it says ${record.digest} ${record.variant}`);
}

/** The bytes of `artifact.json`: one line a file, so that it can be read and compared. */
export function formatRecord({ files, ...record }: ArtifactRecord): Uint8Array {
  const head = JSON.stringify(record, null, 2).slice(0, -2);
  const lines = files.map((file) => `    ${JSON.stringify(file)}`).join(',\n');
  return Buffer.from(`${head},\n  "files": [${lines === '' ? '' : `\n${lines}\n  `}]\n}\n`);
}
