import { Token } from 'aws-cdk-lib';
import type { SecretLocation } from '../../shared/credentials/credential-entry.ts';
import { LandfallError } from '../../shared/errors.ts';
import { printableLines } from '../../shared/printable.ts';
import { parseDocuments } from '../../shared/source/document.ts';
import { namedFiles, namedSecrets } from '../../shared/source/named-secrets.ts';
import type { Configuration } from '../../shared/source/source.ts';
import { filesOfPolicy } from '../../shared/verify/policy/policy.ts';
import type { LandfallProps } from '../landfall-props.ts';
import { type AppDocument, readAppDocuments } from './read-documents.ts';

export interface AppDocuments {
  readonly configuration: Configuration;
  readonly documents: readonly AppDocument[];
}

/** What the construct's own properties are called in messages and in the bucket. */
const INLINE = 'landfall.json';

/** The properties as a document, so that they are checked by the same rules and told with line and key. */
function inlineDocument(
  { sources, credentials, receivers }: LandfallProps,
  place: string,
): readonly AppDocument[] {
  const document = { sources, credentials, receivers };
  if (Object.values(document).every((list) => list === undefined || list.length === 0)) return [];
  const text = JSON.stringify(document, null, 2);
  if (Token.isUnresolved(text)) {
    throw new LandfallError(
      'CONFIG_INVALID',
      `${place}: a value in it is known only once the stack is deployed`,
      {
        hint: 'Write values out: the documents are put into the bucket as they are.',
      },
    );
  }
  return [{ file: place, name: INLINE, text }];
}

const kindOf = (secret: SecretLocation): string | undefined =>
  ['file', 'env', 'value'].find((key) => key in secret);

/** A function has no files or variables of yours, and what stands in a document is in the bucket for all who read it. */
function refuseUnreachableSecrets(configuration: Configuration): void {
  const problems = namedSecrets(configuration).flatMap(([where, secret]) => {
    const kind = kindOf(secret);
    if (kind === undefined) return [];
    return [`${where}: a secret on AWS is in Secrets Manager or SSM; got { ${kind}: … }`];
  });
  const files = namedFiles(configuration).map(
    ([where, key]) =>
      `${where}: a function has no files of yours${key === 'caFile' ? '; `ca` of the construct gives it one' : ''}`,
  );
  if (problems.length + files.length === 0) return;
  throw new LandfallError('CONFIG_INVALID', printableLines([...problems, ...files]), {
    hint: 'Write { secretsManager: NAME } or { ssm: NAME } in its place.',
  });
}

/** A public key is no secret: its text may stand in the document. */
function refuseKeyFiles({ sources }: Configuration): void {
  const told = sources.flatMap(({ namespace, name, verify }) =>
    (verify === undefined ? [] : filesOfPolicy(verify)).map(
      (file) => `source ${namespace}/${name}: verify: ${file}: a function has no files of yours`,
    ),
  );
  if (told.length === 0) return;
  throw new LandfallError('CONFIG_INVALID', printableLines(told), {
    hint: 'Write the text of the file into the document: { pem: TEXT }.',
  });
}

/** A reconcile cannot outlast the invocation it runs in. */
function refuseLongTimeouts({ sources }: Configuration, maximumMs: number): void {
  const long = sources.filter(({ timeoutMs }) => timeoutMs > maximumMs);
  if (long.length === 0) return;
  const told = long.map(
    ({ namespace, name, timeoutMs }) => `source ${namespace}/${name}: timeout is ${timeoutMs / 1000}s`,
  );
  const lines = [...told, `wanted at most ${maximumMs / 1000}s`];
  throw new LandfallError('CONFIG_INVALID', printableLines(lines), {
    hint: 'Shorten it, or lengthen reconcile.timeout of the construct.',
  });
}

/**
 * Checks everything a construct was given as it will be checked on AWS.
 * @throws LandfallError CONFIG_INVALID, NOT_SUPPORTED, CONFIG_UNREADABLE with file, line and key of every problem
 */
export function checkDocuments(
  props: LandfallProps,
  { place, timeoutMs }: { readonly place: string; readonly timeoutMs: number },
): AppDocuments {
  const documents = [...inlineDocument(props, place), ...readAppDocuments(props.documents ?? [])];
  const clash = documents.slice(1).find(({ name }) => documents[0]?.file === place && name === INLINE);
  if (clash !== undefined) {
    throw new LandfallError(
      'CONFIG_UNREADABLE',
      `${clash.file} and the properties of ${place} share a name`,
      {
        hint: 'Rename the file.',
      },
    );
  }
  const configuration = parseDocuments(documents);
  refuseUnreachableSecrets(configuration);
  refuseKeyFiles(configuration);
  refuseLongTimeouts(configuration, timeoutMs);
  return { configuration, documents };
}
