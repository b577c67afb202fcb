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

const isBlock = ({ type }: Scalar): boolean => type === Scalar.BLOCK_LITERAL || type === Scalar.BLOCK_FOLDED;

/** The header of a block, from its `|` or `>`: what is behind that, the comment, and how far the lines are in. */
const BLOCK = /[|>]\S*([ \t]*(?:#+([^\r\n]*))?)(\r?\n)([ \t]*)/y;

/** The value in the quotes that were there; a plain one stays plain unless it would no longer be a text. */
function replaced(node: Scalar, value: string, text: string): string | undefined {
  if (node.type === Scalar.QUOTE_DOUBLE) return `"${value}"`;
  if (node.type === Scalar.QUOTE_SINGLE) return `'${value}'`;
  if (!isBlock(node)) return plain(value);
  BLOCK.lastIndex = node.range?.[0] ?? 0;
  const [, behind = '', , eol = '\n', indent = ''] = BLOCK.exec(text) ?? [];
  return `${text.charAt(node.range?.[0] ?? 0)}-${behind}${eol}${indent}${value}${eol}`;
}

function edited(node: Scalar, value: string, text: string): readonly Edit[] {
  const [start, end] = node.range ?? [0, 0];
  return node.value === value ? [] : [{ start, end, text: replaced(node, value, text) ?? value }];
}

/** The setter that a comment names: it is JSON of texts and nothing else, as Go reads it there. */
function setterIn(comment: string | undefined): string | undefined {
  const parsed = comment?.includes(MARKER_TOKEN) ? parseObject(comment.trim()) : undefined;
  if (parsed === undefined || !Object.values(parsed).every((value) => typeof value === 'string'))
    return undefined;
  const name = parsed[MARKER];
  return typeof name === 'string' && name !== '' ? name : undefined;
}

const COMMENT = /[ \t]+#+([^\n]*)/y;
const COMMENT_LINE = /^[ \t]*#+(.*)$/;

/** The comment behind a value, on its line. */
function commentBehind(node: Scalar, text: string): string | undefined {
  const [start, end] = node.range ?? [0, 0];
  if (isBlock(node)) {
    BLOCK.lastIndex = start;
    return BLOCK.exec(text)?.[2];
  }
  COMMENT.lastIndex = end;
  return COMMENT.exec(text)?.[1];
}

/** The one comment line right above an item of a list: elsewhere such a comment is the key's, and names no value. */
function commentAbove({ range }: Scalar, text: string): string | undefined {
  const lineStart = (at: number): number => text.lastIndexOf('\n', at - 1) + 1;
  const own = lineStart(range?.[0] ?? 0);
  if (own === 0 || !/^[ \t]*-[ \t]/.test(text.slice(own, range?.[0]))) return undefined;
  const above = lineStart(own - 1);
  const before = above === 0 ? '' : text.slice(lineStart(above - 1), above - 1);
  if (COMMENT_LINE.test(before.trimEnd())) return undefined;
  return COMMENT_LINE.exec(text.slice(above, own - 1).trimEnd())?.[1];
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
      // Without a value a comment is its key's.
      if (node.range?.[0] === node.range?.[1]) return;
      const above = typeof key === 'number' ? commentAbove(node, text) : undefined;
      const name = setterIn(commentBehind(node, text)) ?? setterIn(above);
      if (name === undefined) return;
      const setter = setterOf(name, images);
      if (setter === undefined) {
        into.strange.push(name);
        return;
      }
      into.found.add(setter.image);
      into.edits.push(...edited(node, setter.value, text));
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
  if (newName !== undefined) edits.push(...edited(newName, values.image, text));
  if (newTag !== undefined) edits.push(...edited(newTag, tagOf(image, values), text));
  if (digest !== undefined) edits.push(...edited(digest, values.digest, text));
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
 * where it is no YAML of objects: Flux leaves it, too.
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
    documents = [...parseAllDocuments(text, { prettyErrors: false, strict: false })];
  } catch {
    return undefined;
  }
  const isRead = ({ errors, contents }: Document.Parsed): boolean =>
    errors.length === 0 && (contents === null || isMap(contents));
  if (!documents.every(isRead)) return undefined;
  for (const document of documents) {
    if (text.includes(MARKER_TOKEN)) markers(document, text, images, into);
    if (isKustomization(path)) kustomizeImages(document, text, images, into);
  }
  return { text: applied(text, into.edits), found: into.found, strange: into.strange };
}
