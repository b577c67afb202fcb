import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  parseAllDocuments,
  parseDocument,
  Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import { parseObject } from '../kernel/json.ts';
import type { WrittenRevision } from '../model/composition.ts';
import { imageValues, setterOf, tagOf } from './image-values.ts';

/** Text that takes the place of what is between two offsets. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What became of one file. */
export interface WrittenText {
  readonly text: string;
  /** Of those that have a place in it, whether or not anything had to change. */
  readonly found: ReadonlySet<WrittenRevision>;
  /** Markers that name no image here. */
  readonly strange: readonly string[];
}

const MARKER = '$imagepolicy';
/** Flux looks at no file without it. */
export const MARKER_TOKEN = `"${MARKER}"`;

/** Whether a plain scalar would be read as something else than a text by YAML 1.1, which kustomize and Flux hold it to. */
const isAmbiguous = (value: string): boolean => {
  const read: unknown = parseDocument(value, { version: '1.1', prettyErrors: false }).contents;
  return !isScalar(read) || typeof read.value !== 'string';
};

const plain = (value: string): string => (isAmbiguous(value) ? `"${value}"` : value);

/** The value in the quotes that were there; a plain one stays plain unless it would no longer be a text. */
function replaced(node: Scalar, value: string): string | undefined {
  if (node.type === Scalar.QUOTE_DOUBLE) return `"${value}"`;
  if (node.type === Scalar.QUOTE_SINGLE) return `'${value}'`;
  return node.type === Scalar.PLAIN ? plain(value) : undefined;
}

function edited(node: Scalar, value: string): readonly Edit[] {
  const text = replaced(node, value);
  const [start, end] = node.range ?? [0, 0];
  return text === undefined || node.value === value ? [] : [{ start, end, text }];
}

const COMMENT = /[ \t]+#+([^\n]*)/y;

/** The setter that the comment behind a value names, on its line. The comment is JSON and nothing else. */
function setterBehind(text: string, { range }: Scalar): string | undefined {
  if (!range) return undefined;
  COMMENT.lastIndex = range[1];
  const [, comment] = COMMENT.exec(text) ?? [];
  const parsed = comment?.includes(MARKER_TOKEN) ? parseObject(comment.trim()) : undefined;
  // Go reads a map of texts there, or nothing.
  if (parsed === undefined || !Object.values(parsed).every((value) => typeof value === 'string'))
    return undefined;
  const name = parsed[MARKER];
  return typeof name === 'string' && name !== '' ? name : undefined;
}

interface Found {
  readonly edits: Edit[];
  readonly found: Set<WrittenRevision>;
  readonly strange: string[];
}

function markers(
  document: Document.Parsed,
  text: string,
  images: readonly WrittenRevision[],
  into: Found,
): void {
  visit(document, {
    Scalar: (key, node) => {
      if (key === 'key') return;
      const name = setterBehind(text, node);
      if (name === undefined) return;
      const setter = setterOf(name, images);
      if (setter === undefined) {
        into.strange.push(name);
        return;
      }
      into.found.add(setter.image);
      into.edits.push(...edited(node, setter.value));
    },
  });
}

const scalarAt = (map: YAMLMap, key: string): Scalar | undefined => {
  const value = map.get(key, true);
  return isScalar(value) ? value : undefined;
};

/** Behind the value of `name`: a line of its own in a block, and in the same braces in a flow. */
function inserted(map: YAMLMap, text: string, added: readonly string[]): readonly Edit[] {
  const pair = map.items.find(({ key }) => isScalar(key) && key.value === 'name');
  const [key, value] = [pair?.key, pair?.value];
  if (added.length === 0 || !isScalar(key) || !isScalar(value) || !key.range || !value.range) return [];
  const end = value.range[1];
  if (map.flow === true) return [{ start: end, end, text: added.map((line) => `, ${line}`).join('') }];
  const column = key.range[0] - (text.lastIndexOf('\n', key.range[0] - 1) + 1);
  const lineEnd = /\r?\n|$/.exec(text.slice(end));
  const eol = lineEnd?.[0] === '\r\n' ? '\r\n' : '\n';
  const at = end + (lineEnd?.index ?? 0);
  const lines = added.map((line) => `${eol}${' '.repeat(column)}${line}`);
  return [{ start: at, end: at, text: lines.join('') }];
}

/**
 * Writes one entry of kustomize's `images`. What it has is replaced; what would be missing is added, so that kustomize
 * comes to this image: another name, and a tag, or a digest.
 * @see https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/
 */
function writeEntry(map: YAMLMap, text: string, image: WrittenRevision, { edits }: Found): void {
  const values = imageValues(image);
  const [newName, newTag, digest] = ['newName', 'newTag', 'digest'].map((key) => scalarAt(map, key));
  if (newName !== undefined) edits.push(...edited(newName, values.image));
  if (newTag !== undefined) edits.push(...edited(newTag, tagOf(image, values)));
  if (digest !== undefined) edits.push(...edited(digest, values.digest));
  const wantsDigest = digest === undefined && (image.pinned === true || values.tag === undefined);
  const wantsTag = newTag === undefined && digest === undefined && values.tag !== undefined;
  edits.push(
    ...inserted(map, text, [
      ...(newName === undefined && image.name !== values.image ? [`newName: ${values.image}`] : []),
      ...(wantsTag ? [`newTag: ${plain(values.tag ?? '')}`] : []),
      ...(wantsDigest ? [`digest: ${values.digest}`] : []),
    ]),
  );
}

function kustomizeImages(
  document: Document.Parsed,
  text: string,
  images: readonly WrittenRevision[],
  into: Found,
): void {
  const list = isMap(document.contents) ? document.contents.get('images', true) : undefined;
  if (!isSeq(list)) return;
  for (const map of list.items) {
    if (!isMap(map)) continue;
    const name: unknown = scalarAt(map, 'name')?.value;
    const image = images.find((each) => each.name !== undefined && each.name === name);
    if (image === undefined) continue;
    into.found.add(image);
    writeEntry(map, text, image, into);
  }
}

function applied(text: string, edits: readonly Edit[]): string {
  let at = text.length;
  const parts: string[] = [];
  // A value with a marker may be one of kustomize's images, too: it is written once.
  const once = new Map(edits.map((edit) => [edit.start, edit])).values().toArray();
  for (const { start, end, text: replacement } of once.toSorted((a, b) => b.start - a.start)) {
    parts.push(text.slice(end, at), replacement);
    at = start;
  }
  parts.push(text.slice(0, at));
  return parts.toReversed().join('');
}

const KUSTOMIZATION = /(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/;
export const isKustomization = (path: string): boolean => KUSTOMIZATION.test(path);

/**
 * Writes images where a YAML file has their markers, or in kustomize's `images`; every other byte stays as it is. Undefined
 * where it is no YAML: then nobody can tell what is a value in it.
 * @throws LandfallError COMPOSE_REFUSED where a tag is wanted of an image that has none
 */
export function writeImages(
  path: string,
  text: string,
  images: readonly WrittenRevision[],
): WrittenText | undefined {
  const into: Found = { edits: [], found: new Set(), strange: [] };
  let documents: readonly Document.Parsed[];
  try {
    documents = [...parseAllDocuments(text, { prettyErrors: false, uniqueKeys: false, strict: false })];
  } catch {
    return undefined;
  }
  if (documents.some(({ errors }) => errors.length > 0)) return undefined;
  for (const document of documents) {
    if (text.includes(MARKER_TOKEN)) markers(document, text, images, into);
    if (isKustomization(path)) kustomizeImages(document, text, images, into);
  }
  return { text: applied(text, into.edits), found: into.found, strange: into.strange };
}
