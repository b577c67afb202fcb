import { basename } from 'node:path/posix';
import { deleteDocuments, putDocument } from '../../../shared/aws/configuration/source-bucket.ts';
import { LandfallError } from '../../../shared/errors.ts';
import type { CallOptions } from '../../../shared/kernel/call-options.ts';
import { isObject, parseJson } from '../../../shared/kernel/json.ts';
import type { YamlFile } from '../../../shared/source/file/yaml-document.ts';
import type { ObjectStore } from '../../../shared/store/object-store.ts';

/** Documents of a stack: their names, and the object of the deploy that has them all. */
export interface StackDocuments {
  readonly names: readonly string[];
  readonly bucket: string;
  readonly key: string;
}

export interface DeployDocumentsDeps extends CallOptions {
  /** Where the documents go. */
  readonly objects: ObjectStore;
  /** The objects of the bucket that the deploy left its files in. */
  readonly assetsOf: (bucket: string) => ObjectStore;
  /** Asks for the documents to be read again: a rule that is as new as they are may not tell of them yet. */
  readonly announce: (options: CallOptions) => Promise<void>;
}

/** The one file that takes a stack's documents to AWS. */
export const formatBundle = (documents: readonly YamlFile[]): string =>
  JSON.stringify(documents.map(({ file, text }) => ({ file, text })));

const isDocument = (value: unknown): value is YamlFile =>
  isObject(value) && typeof value['file'] === 'string' && typeof value['text'] === 'string';

const unreadable = (where: string, why: string): LandfallError =>
  new LandfallError('CONFIG_UNREADABLE', `documents of the stack: ${where} ${why}`, {
    hint: 'Deploy again: cdk uploads the documents before it changes the stack.',
  });

async function readBundle(
  { bucket, key }: StackDocuments,
  { assetsOf, signal }: Pick<DeployDocumentsDeps, 'assetsOf' | 'signal'>,
): Promise<readonly YamlFile[]> {
  const stored = await assetsOf(bucket).get(key, { signal });
  if (stored === undefined) throw unreadable(key, `is not in bucket ${bucket}`);
  // As a template without the CDK has it: a document as it was written.
  if (/\.ya?ml$/.test(key))
    return [{ file: basename(key), text: Buffer.from(stored.bytes).toString('utf8') }];
  const parsed = parseJson(stored.bytes);
  if (!parsed.ok || !Array.isArray(parsed.value) || !parsed.value.every(isDocument))
    throw unreadable(key, 'is no list of them');
  return parsed.value;
}

/**
 * Puts a stack's documents where people put theirs, and takes away those that it put there before and has no more.
 * What others put there stays, but for a document of the same name.
 * @throws LandfallError CONFIG_UNREADABLE where a file of the deploy is not there, STORE_*, QUEUE_UNAVAILABLE
 */
export async function deployDocuments(
  { now, before }: { readonly now: StackDocuments | undefined; readonly before: readonly string[] },
  { objects, assetsOf, announce, signal }: DeployDocumentsDeps,
): Promise<void> {
  const documents = now === undefined ? [] : await readBundle(now, { assetsOf, signal });
  for (const document of documents) await putDocument(document, objects, { signal });
  const kept = new Set(documents.map(({ file }) => file));
  const gone = before.filter((name) => !kept.has(name));
  if (gone.length > 0) await deleteDocuments(gone, objects, { signal });
  if (documents.length + gone.length > 0) await announce({ signal });
}
