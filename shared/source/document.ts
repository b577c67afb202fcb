import { LandfallError } from '../errors.ts';
import { isObject } from '../kernel/json.ts';
import { printableLine } from '../printable.ts';
import { readFiles } from './file/files.ts';
import { foreignWords, isOwnDocument } from './file/own-document.ts';
import { readDocuments, type YamlDocument, type YamlFile } from './file/yaml-document.ts';
import { type KubernetesObject, kubernetesObjects } from './flux/kinds.ts';
import { readKubernetesObjects } from './flux/read-objects.ts';
import { EMPTY_FRAGMENT, type Fragment, refusedFragment } from './fragment.ts';
import { readLandfallDocument } from './landfall-document.ts';
import { merge } from './merge.ts';
import { formatPlace, inOrder, type Place, type Problem, problemAt, problemsError } from './problem.ts';
import type { Configuration, Notice } from './source.ts';

/** The keys of our own document, as a text has them: at the start of a line, or behind a bracket or comma. */
const OWN_KEY = /(?:^|[{,]\s*)["']?(?:sources|credentials|receivers|deploys|notify)["']?\s*:/m;
/** An object of a kind that names a registry: of its own, in a list as kubectl prints it, or as JSON. */
const OWN_KIND =
  /^kind:\s*["']?(?:OCIRepository|ImageRepository)\b|^- apiVersion:\s*["']?(?:source|image)\.toolkit\.fluxcd\.io|"kind"\s*:\s*"(?:OCIRepository|ImageRepository)"/m;
const CRD = /\bCustomResourceDefinition\b/;

/** What Helm, Jinja and their like fill in before anybody reads the file as YAML. */
const isTemplate = (text: string): boolean => /\{[{%]/.test(text);

/**
 * Whether a file that cannot be read may have been meant for us. One that only lay in a folder and was not is a
 * notice: repositories hold templates, tags of other tools and tables of megabytes.
 */
function isMeantForUs({ text, found, wasOurs, unreadable }: YamlFile): boolean {
  if (found !== true || wasOurs === true || unreadable !== undefined || OWN_KEY.test(text)) return true;
  return OWN_KIND.test(text) && !isTemplate(text) && !CRD.test(text);
}

const EMPTIED =
  'is empty, and was not when it was read last: delete it, or write `sources: []`, if nothing is to be there';

const isEmpty = ({ value }: YamlDocument): boolean => value === null || value === undefined;

const noticed = (notices: readonly Notice[]): Fragment => ({ ...EMPTY_FRAGMENT, notices });

/** A file that cannot be read, and only lay in a folder, is somebody else's: told once. */
function unreadFile(file: YamlFile, problems: readonly Problem[]): Fragment {
  const [first] = problems;
  if (first === undefined || isMeantForUs(file)) return { ...EMPTY_FRAGMENT, problems };
  const what = isTemplate(file.text) ? 'a template, and no document' : 'no document that can be read';
  return noticed([{ place: formatPlace(first), message: `${what}: ${first.message}; left out` }]);
}

/**
 * A file without a document. One that had some, and has none now, is written anew by somebody, or was to be: that nothing is
 * meant to be there any more is not for an empty file to say. Nor for comments, which may be the head of one that was cut off.
 */
function blankFile({ file, wasOurs }: YamlFile): Fragment {
  const start: Place = { file, line: 1, column: 1 };
  if (wasOurs !== true)
    return noticed([{ place: formatPlace(start), message: 'is empty: there is no document in it' }]);
  return refusedFragment([problemAt({ place: start, path: '' }, EMPTIED)]);
}

const isOwn = ({ value, found }: YamlDocument): boolean =>
  !found || (isObject(value) && isOwnDocument(value));

/** Whether anything in a file of a folder concerns us, or may: other files need not be handed on. */
export function holdsDocuments(file: YamlFile): boolean {
  const { documents, problems } = readDocuments(file);
  if (problems.length > 0 && isMeantForUs(file)) return true;
  return documents.some(
    (document) => !isEmpty(document) && (kubernetesObjects(document) !== undefined || isOwn(document)),
  );
}

/** Whether a text has no document in it: nothing, or comments alone. */
export const isBlankText = (text: string): boolean =>
  text.split('\n').every((line) => /^\s*(?:#|$|---\s*(?:#|$)|\.\.\.\s*$)/.test(line));

/** A document without apiVersion and kind: ours, or in a folder somebody else's. */
function readOwn(document: YamlDocument): Fragment {
  if (isOwn(document)) return readLandfallDocument(document);
  return noticed([
    { place: formatPlace(document.placeOf([])), message: `${foreignWords(document)}; left out` },
  ]);
}

/** Notices repeat keys and values: each is one line, whatever stands in them. */
const withShownNotices = (fragment: Fragment): Fragment =>
  fragment.notices.length === 0
    ? fragment
    : {
        ...fragment,
        notices: fragment.notices.map(({ place, message }) => ({ place, message: printableLine(message) })),
      };

/** What each document of the files adds, or what is wrong with it. Never throws. */
export function readFragments(files: readonly YamlFile[]): readonly Fragment[] {
  const objects: KubernetesObject[] = [];
  // File by file, so that 10,000 sources need the memory of one file's syntax tree.
  const own = files.flatMap((file): readonly Fragment[] => {
    const { documents, problems } = readDocuments(file);
    const filled = documents.filter((document) => !isEmpty(document));
    const fragments = filled.flatMap((document) => {
      const read = kubernetesObjects(document);
      if (read === undefined) return [readOwn(document)];
      objects.push(...read);
      return [];
    });
    const blank = filled.length + problems.length === 0 ? [blankFile(file)] : [];
    return [...blank, unreadFile(file, problems), ...fragments];
  });
  return [...own, ...readKubernetesObjects(objects, own)].map(withShownNotices);
}

/**
 * One configuration of all documents, checked, with every default filled in. Pure.
 * @throws LandfallError CONFIG_INVALID (NOT_SUPPORTED where that is all) that lists every problem of every file
 */
export function parseDocuments(files: readonly YamlFile[]): Configuration {
  const { configuration, problems } = merge(readFragments(files));
  if (problems.length > 0) throw problemsError(inOrder(problems, files));
  return configuration;
}

/** @throws LandfallError CONFIG_UNREADABLE where the paths have no document at all */
export async function readDocumentFiles(paths: readonly string[]): Promise<readonly YamlFile[]> {
  const files = await readFiles(paths);
  if (files.length > 0) return files;
  throw new LandfallError(
    'CONFIG_UNREADABLE',
    `found no *.yaml, *.yml or *.json in ${paths.join(', ') || 'no path'}`,
  );
}

/**
 * Loads files and folders (`*.yaml`, `*.yml`, `*.json`, recursively).
 * @throws LandfallError CONFIG_UNREADABLE, and what {@link parseDocuments} throws
 */
export const loadConfiguration = async (paths: readonly string[]): Promise<Configuration> =>
  parseDocuments(await readDocumentFiles(paths));
