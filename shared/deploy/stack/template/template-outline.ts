import { isMap, isScalar, isSeq, type Node, type ParsedNode, parseDocument } from 'yaml';

/** Resources by logical id: the type, and a text that is the same where the resource is. */
export type TemplateOutline = ReadonlyMap<string, { readonly type: string; readonly text: string }>;

/** JSON with the tags of CloudFormation's short forms kept: `!Ref A` and `{Ref: A}` are told apart, as they are written. */
function plain(node: Node | ParsedNode | null | undefined): unknown {
  const tag = node?.tag?.startsWith('!') ? node.tag : undefined;
  const value = isMap(node)
    ? Object.fromEntries(
        node.items
          .map((pair): [string, unknown] => [String(pair.key), plain(pair.value as Node | null)])
          .toSorted(([a], [b]) => (a < b ? -1 : 1)),
      )
    : isSeq(node)
      ? node.items.map((item) => plain(item as Node))
      : isScalar(node)
        ? node.value
        : null;
  return tag === undefined ? value : { [tag]: value };
}

/** What a template makes, in JSON or YAML; nothing where it cannot be read. */
export function outlineTemplate(text: string): TemplateOutline {
  const resources = parseDocument(text, { logLevel: 'silent', strict: false }).get('Resources');
  if (!isMap(resources)) return new Map();
  return new Map(
    resources.items.map((pair) => {
      const value = pair.value as Node | null;
      const type = isMap(value) ? value.get('Type') : undefined;
      return [String(pair.key), { type: String(type ?? ''), text: JSON.stringify(plain(value)) }];
    }),
  );
}
