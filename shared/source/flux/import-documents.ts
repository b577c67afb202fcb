import type { LandfallError } from '../../errors.ts';
import { shellWord } from '../../shell-word.ts';
import { readFragments } from '../document.ts';
import type { YamlFile } from '../file/yaml-document.ts';
import { yamlText } from '../file/yaml-text.ts';
import type { Fragment } from '../fragment.ts';
import { merge, strayDeploys } from '../merge.ts';
import { formatPlace, inOrder, type Problem, problemsError } from '../problem.ts';
import type { Notice } from '../source.ts';
import type { KeptSecret, Written } from './written.ts';

const LISTS = [
  'sources',
  'credentials',
  'receivers',
  'deploys',
  'notify',
] as const satisfies readonly Written['list'][];

interface ImportedSecret extends Pick<KeptSecret, 'file' | 'what'> {
  /** What writes the file out of a cluster that has it; absent where it stands in no Secret. */
  readonly command?: string;
}

function withCommand({ file, what, secret }: KeptSecret): ImportedSecret {
  if (secret === undefined) return { file, what };
  const { id, key } = secret;
  const [namespace = '', name = ''] = id.split('/');
  const template = `{{index .data ${JSON.stringify(key)} | base64decode}}`;
  const output = key === undefined ? 'yaml' : `go-template=${shellWord(template)}`;
  const get = `kubectl get secret ${shellWord(name)} -n ${shellWord(namespace)}`;
  return { file, what, command: `${get} -o ${output} > ${file}` };
}

/** What documents of Flux's come to, in our own form. */
export interface ImportedDocuments {
  /** The native document: a list is there where something is in it. */
  readonly document: Readonly<Partial<Record<Written['list'], readonly unknown[]>>>;
  /** What the document points to, and nothing of it shows. */
  readonly secrets: readonly ImportedSecret[];
  readonly notices: readonly Notice[];
  /** What is wrong with the rest: CONFIG_INVALID, NOT_SUPPORTED. Absent: nothing is. */
  readonly refused?: LandfallError;
}

/** Each once, by what it says. */
function distinct<T>(all: readonly T[]): readonly T[] {
  return [...new Map(all.map((each) => [JSON.stringify(each), each])).values()];
}

const placedIn = ({ sources, receivers, deploys, notify }: Fragment) => [
  ...sources,
  ...receivers,
  ...deploys,
  ...notify,
];

/** Those of which nothing is wrong, and what is wrong: a deploy stays behind with its source. */
function sound(fragments: readonly Fragment[]) {
  const { problems } = merge(fragments);
  const without = (wrong: readonly Problem[], from: readonly Fragment[]): readonly Fragment[] => {
    const places = new Set(wrong.map(formatPlace));
    return from.filter((each) => !placedIn(each).some(({ place }) => places.has(formatPlace(place))));
  };
  const kept = without(problems, fragments);
  const stray = strayDeploys(
    kept.flatMap(({ deploys }) => deploys),
    kept.flatMap(({ sources }) => sources),
  );
  return { kept: without(stray, kept), problems: [...problems, ...stray] };
}

/**
 * Reads what objects of Flux's became; documents of our own beside them are what those may name, and are not repeated. What is
 * refused is not among it, and the rest is a document that can be read. Pure.
 */
export function importDocuments(files: readonly YamlFile[]): ImportedDocuments {
  const fragments = readFragments(files);
  const { kept, problems } = sound(fragments);
  const written = kept.flatMap((fragment) => fragment.written ?? []);
  const document = LISTS.flatMap((list) => {
    const entries = distinct(written.flatMap((each) => (each.list === list ? [each.entry] : [])));
    return entries.length === 0 ? [] : [[list, entries] as const];
  });
  return {
    document: Object.fromEntries(document),
    secrets: distinct(written.flatMap(({ secrets }) => secrets)).map(withCommand),
    notices: fragments.flatMap(({ notices }) => notices),
    ...(problems.length > 0 && { refused: problemsError(inOrder(problems, files)) }),
  };
}

/** As YAML that every parser reads the same, YAML 1.1's `yes` and `0o7` included. */
export const formatImported = ({ document }: ImportedDocuments): string =>
  `${yamlText(document, { compat: 'yaml-1.1' })}\n`;
