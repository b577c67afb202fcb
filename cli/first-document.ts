import { LandfallError } from '../shared/errors.ts';
import { isName } from '../shared/model/ids.ts';
import { formatRepository } from '../shared/oci/reference.ts';
import { parseTypedReference } from '../shared/oci/typed-reference.ts';
import { parseDocuments } from '../shared/source/document.ts';

/** What a first document says. */
export interface FirstDocument {
  /** `oci://host/repository`, perhaps with a tag. */
  readonly url: string;
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
  readonly semver?: string | undefined;
  readonly tag?: string | undefined;
  readonly interval?: string | undefined;
  readonly plainHttp?: boolean | undefined;
  /** A link that is to point at what is current. */
  readonly target?: string | undefined;
}

/** A name of a source, made of the last part of a repository; empty where there is none in it. */
export const nameOf = (repository: string): string =>
  (repository.split('/').at(-1) ?? '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63);

const text = (value: string): string => (/^[A-Za-z][\w./-]*$/.test(value) ? value : JSON.stringify(value));

function refOf({ semver, tag }: FirstDocument, ofUrl: string | undefined): string {
  if (semver !== undefined) return `{ semver: ${JSON.stringify(semver)} }`;
  return `{ tag: ${JSON.stringify(tag ?? ofUrl ?? 'latest')} }`;
}

function refuse(message: string, hint: string): LandfallError {
  return new LandfallError('USAGE', message, { hint });
}

/** The YAML of a first document, checked as `serve` would. @throws LandfallError USAGE, REFERENCE_INVALID, CONFIG_INVALID */
export function firstDocument(asked: FirstDocument): string {
  const reference = parseTypedReference(asked.url);
  const { registry, repository, selector } = reference;
  const name = asked.name ?? nameOf(repository);
  const { namespace = 'default', interval = '5m', plainHttp = false, target } = asked;
  if (!isName(name))
    throw refuse(
      `${JSON.stringify(name)} is no name of a source`,
      'Give one of a-z, 0-9 and "-" with --name.',
    );
  if (asked.semver !== undefined && asked.tag !== undefined)
    throw refuse('--semver and --tag both say what is watched', 'Give one of them.');
  const ofUrl = selector.kind === 'tag' ? selector.tag : undefined;
  const lines = [
    '# Checked by: landfall validate -f FILE. All there is to say: docs/sources.md',
    'sources:',
    `  - name: ${text(name)}`,
    `    namespace: ${text(namespace)}`,
    `    url: ${formatRepository(reference)}`,
    `    ref: ${refOf(asked, ofUrl)}`,
    `    interval: ${interval}`,
    ...(plainHttp
      ? ['credentials:', `  - registry: ${JSON.stringify(registry)}`, '    plainHttp: true']
      : []),
    ...(target === undefined
      ? []
      : [
          'deploys:',
          '  # A link that is switched to what is current.',
          `  - { name: live, kind: directory, source: ${namespace}/${name}, target: ${JSON.stringify(target)} }`,
        ]),
  ];
  const document = `${lines.join('\n')}\n`;
  parseDocuments([{ file: 'the document', text: document }]);
  return document;
}
