import { type Document, isAlias, isNode, isScalar, visit, type YAMLError } from 'yaml';

/** The text of a key: of a scalar, or of the scalar that an alias stands for; undefined for any other. */
export function keyText(key: unknown, document: Document.Parsed): string | undefined {
  const node = isAlias(key) ? key.resolve(document) : key;
  if (!isScalar(node)) return typeof node === 'string' ? node : undefined;
  return typeof node.value === 'string' ? node.value : undefined;
}

/** What is wrong with a key or an alias, and where. */
export interface KeyProblem {
  readonly offset: number;
  readonly message: string;
}

const offsetOf = (key: unknown): number => (isNode(key) ? (key.range?.[0] ?? 0) : 0);

/** Keys that mean something to JavaScript objects are nobody's configuration; the parser sees no alias twice. */
export function keyProblems(document: Document.Parsed): readonly KeyProblem[] {
  const problems: KeyProblem[] = [];
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<string>();
      const hasAlias = items.some(({ key }) => isAlias(key));
      for (const { key } of items) {
        const text = keyText(key, document);
        const offset = offsetOf(key);
        if (text === '__proto__') problems.push({ offset, message: 'key "__proto__" is not allowed' });
        else if (text !== undefined && hasAlias && seen.has(text))
          problems.push({ offset, message: 'Map keys must be unique' });
        if (text !== undefined) seen.add(text);
      }
    },
  });
  return problems;
}

/** Without its name, which may be a secret that somebody left without quotes. */
const UNKNOWN_ALIAS = 'an alias has no anchor (&…) before it; a text that begins with * goes in quotes';

/** Aliases of what is not there, or not yet; the parser tells of them without their place. */
export function unknownAliases(document: Document.Parsed): readonly KeyProblem[] {
  const problems: KeyProblem[] = [];
  const anchors = new Set<string>();
  const note = (_: unknown, { anchor }: { readonly anchor?: string | undefined }): void => {
    if (anchor !== undefined) anchors.add(anchor);
  };
  visit(document, {
    Value: note,
    Alias: (_, alias) => {
      if (anchors.has(alias.source)) return;
      problems.push({ offset: offsetOf(alias), message: UNKNOWN_ALIAS });
    },
  });
  return problems;
}

/**
 * What the parser finds wrong, but for keys that are aliases of texts (`*app : …`), which every tool of Kubernetes reads
 * as the text.
 */
export function errorsIn(document: Document.Parsed): readonly YAMLError[] {
  const all: readonly YAMLError[] = [...document.errors, ...document.warnings];
  if (!all.some(({ code }) => code === 'NON_STRING_KEY')) return all;
  const texts = new Set<number>();
  visit(document, {
    Pair: (_, { key }) => {
      if (isAlias(key) && keyText(key, document) !== undefined) texts.add(offsetOf(key));
    },
  });
  return all.filter(({ code, pos }) => code !== 'NON_STRING_KEY' || !texts.has(pos[0]));
}
