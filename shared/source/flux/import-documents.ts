import { stringify } from 'yaml';
import { readFragments } from '../document.ts';
import type { YamlFile } from '../file/yaml-document.ts';
import { merge } from '../merge.ts';
import { inOrder, problemsError } from '../problem.ts';
import type { Notice } from '../source.ts';
import type { KeptSecret, Written } from './written.ts';

const LISTS = [
  'sources',
  'credentials',
  'receivers',
  'deploys',
  'notify',
] as const satisfies readonly Written['list'][];

/** What documents of Flux's come to, in our own form. */
export interface ImportedDocuments {
  /** The native document: a list is there where something is in it. */
  readonly document: Readonly<Partial<Record<Written['list'], readonly unknown[]>>>;
  /** What the document points to, and nothing of it shows. */
  readonly secrets: readonly KeptSecret[];
  readonly notices: readonly Notice[];
}

/** Each once, by what it says. */
function distinct<T>(all: readonly T[]): readonly T[] {
  return [...new Map(all.map((each) => [JSON.stringify(each), each])).values()];
}

/**
 * Reads what objects of Flux's became; documents of our own beside them are what those may name, and are not repeated. Pure.
 * @throws LandfallError CONFIG_INVALID as validating the same files does
 */
export function importDocuments(files: readonly YamlFile[]): ImportedDocuments {
  const fragments = readFragments(files);
  const { configuration, problems } = merge(fragments);
  if (problems.length > 0) throw problemsError(inOrder(problems, files));
  const written = fragments.flatMap((fragment) => fragment.written ?? []);
  const document = LISTS.flatMap((list) => {
    const entries = distinct(written.flatMap((each) => (each.list === list ? [each.entry] : [])));
    return entries.length === 0 ? [] : [[list, entries] as const];
  });
  return {
    document: Object.fromEntries(document),
    secrets: distinct(written.flatMap(({ secrets }) => secrets)),
    notices: configuration.notices,
  };
}

/** As YAML that every parser reads the same, YAML 1.1's `yes` and `0o7` included. */
export const formatImported = ({ document }: ImportedDocuments): string =>
  stringify(document, { lineWidth: 0, aliasDuplicateObjects: false, compat: 'yaml-1.1' });
