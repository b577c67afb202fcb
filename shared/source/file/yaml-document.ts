import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
} from 'yaml';
import { opensMoreThan } from '../../kernel/open-brackets.ts';
import { OPEN_BRACKETS, SOURCE_DOCUMENT_BYTES, YAML_ALIASES } from '../../limits.ts';
import type { Place, Problem } from '../problem.ts';
import { jsonObjectsIn } from './json-objects.ts';
import { errorsIn, keyProblems, keyText, unknownAliases } from './yaml-keys.ts';
import { withMergedKeys } from './yaml-merge.ts';

/** One YAML document as plain data, which can still say where each part of it stands. */
export interface YamlDocument {
  readonly file: string;
  /** As its file: see {@link YamlFile}. */
  readonly found: boolean;
  readonly value: unknown;
  /** The place of a path's value, or of the nearest part above it that is there. */
  placeOf(path: readonly PropertyKey[]): Place;
  /** The place of a key of the map at `path`. */
  placeOfKey(path: readonly PropertyKey[], key: string): Place;
  /** The characters of the scalar at a path; undefined where none stands there. */
  writtenAt(path: readonly PropertyKey[]): string | undefined;
}

export interface YamlFile {
  readonly file: string;
  readonly text: string;
  /** It lies in a folder that was named, and may be anything; absent: it was named itself, as a document. */
  readonly found?: boolean;
  /** It gave something (sources, deploys, …) when it was read last. */
  readonly wasOurs?: boolean;
  /** Why it could not be read. */
  readonly unreadable?: string;
  /** False: its bytes are no UTF-8. */
  readonly isUtf8?: boolean;
}

type Offset = (offset: number) => Place;

/** The node at a path, as deep as the document goes; aliases are followed. */
function nodesAlong(document: Document.Parsed, path: readonly PropertyKey[]): readonly Node[] {
  const nodes: Node[] = [];
  let at: unknown = document.contents;
  for (let depth = 0; ; depth += 1) {
    if (isAlias(at)) at = at.resolve(document);
    if (!isMap(at) && !isSeq(at) && !isScalar(at)) return nodes;
    nodes.push(at);
    const step = path[depth];
    if (step === undefined) return nodes;
    if (isMap(at)) at = at.items.find(({ key }) => keyText(key, document) === step)?.value;
    else if (isSeq(at) && typeof step === 'number') at = at.items[step];
    else return nodes;
  }
}

type Places = Pick<YamlDocument, 'file' | 'placeOf' | 'placeOfKey' | 'writtenAt'>;

function placesIn(document: Document.Parsed, file: string, place: Offset): Places {
  const placeOf = (path: readonly PropertyKey[]): Place =>
    place(nodesAlong(document, path).at(-1)?.range?.[0] ?? document.range[0]);
  return {
    file,
    placeOf,
    placeOfKey: (path, key) => {
      const map = nodesAlong(document, path)[path.length];
      const pair = isMap(map) ? map.items.find((item) => keyText(item.key, document) === key) : undefined;
      return isNode(pair?.key) && pair.key.range ? place(pair.key.range[0]) : placeOf(path);
    },
    writtenAt: (path) => {
      const node = nodesAlong(document, path)[path.length];
      return isScalar(node) ? node.source : undefined;
    },
  };
}

/** What the parser says, without the excerpts of the document it adds behind a colon. */
const parserMessage = (error: Error): string =>
  'code' in error && error.code === 'NON_STRING_KEY'
    ? 'a key is a map or a list: put it in quotes; what stands in {{ }} is to be filled in first'
    : (error.message.split(': ', 1)[0] ?? 'is not YAML');

const invalid = (at: Place, message: string): Problem => ({
  ...at,
  path: '',
  message,
  code: 'CONFIG_INVALID',
});

type Parsed = Places & Pick<YamlDocument, 'value'>;

function readDocument(document: Document.Parsed, file: string, place: Offset): Parsed | readonly Problem[] {
  const wrong = errorsIn(document);
  if (wrong.length > 0) return wrong.map((error) => invalid(place(error.pos[0]), parserMessage(error)));
  const keys = [...keyProblems(document), ...unknownAliases(document)];
  if (keys.length > 0) return keys.map(({ offset, message }) => invalid(place(offset), message));
  try {
    const value = withMergedKeys(document.toJS({ maxAliasCount: YAML_ALIASES }));
    return { ...placesIn(document, file, place), value };
  } catch (error) {
    const message = error instanceof Error ? parserMessage(error) : 'cannot be read';
    return [invalid(place(document.range[0]), message)];
  }
}

/** What became of a file: documents that can be read, and what is wrong with the rest. */
export interface ReadDocuments {
  readonly documents: readonly YamlDocument[];
  readonly problems: readonly Problem[];
}

/** Where the lines of a whole file begin, of which the parser may see a part. */
function linesOf(text: string): LineCounter {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines.addNewLine(at + 1);
  return lines;
}

/** Reads every document of a YAML or JSON file, and JSON objects one behind another. Nothing is executed or resolved beyond at most 100 aliases. */
export function readDocuments(read: YamlFile): ReadDocuments {
  const { file, text, found = false, isUtf8 = true, unreadable } = read;
  const start: Place = { file, line: 1, column: 1 };
  if (unreadable !== undefined) return { documents: [], problems: [invalid(start, unreadable)] };
  if (!isUtf8) return { documents: [], problems: [invalid(start, 'is no UTF-8 text')] };
  const bytes = Buffer.byteLength(text);
  if (bytes > SOURCE_DOCUMENT_BYTES) {
    return {
      documents: [],
      problems: [invalid(start, `wanted at most ${SOURCE_DOCUMENT_BYTES} bytes, got ${bytes}`)],
    };
  }
  const tooDeep = { documents: [], problems: [invalid(start, 'nests too deeply to be read')] };
  if (opensMoreThan(text, OPEN_BRACKETS)) return tooDeep;
  const lines = linesOf(text);
  const place =
    (from: number): Offset =>
    (offset) => {
      const { line, col } = lines.linePos(from + offset);
      return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
    };
  const parts = jsonObjectsIn(text) ?? [{ from: 0, to: text.length }];
  try {
    const all = parts.flatMap(({ from, to }) => {
      const parsed = parseAllDocuments(text.slice(from, to), {
        prettyErrors: false,
        strict: true,
        stringKeys: true,
        uniqueKeys: true,
      });
      return [...parsed].map((document) => readDocument(document, file, place(from)));
    });
    const documents = all.flatMap((result) => ('value' in result ? [{ ...result, found }] : []));
    return { documents, problems: all.flatMap((result) => ('value' in result ? [] : result)) };
  } catch {
    return tooDeep;
  }
}
