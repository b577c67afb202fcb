/** What a query body or an answer is made of. */
export type QueryValue = string | readonly QueryValue[] | { readonly [name: string]: QueryValue };
export type QueryInput = Readonly<Record<string, QueryValue>>;

interface Node {
  text?: string;
  readonly below: Map<string, Node>;
}

const newNode = (): Node => ({ below: new Map() });

function nodeValue({ text, below }: Node): QueryValue {
  if (below.size === 0) return text ?? '';
  const list = below.get('member');
  if (list !== undefined) return [...list.below.values()].map(nodeValue);
  return Object.fromEntries([...below].map(([name, node]) => [name, nodeValue(node)]));
}

/**
 * `Tags.member.1.Key=a` is a list of structures; `Tags=` an empty list.
 * @see https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */
export function parseQuery(body: string): { readonly operation: string; readonly input: QueryInput } {
  const root = newNode();
  for (const [name, text] of new URLSearchParams(body)) {
    let node = root;
    for (const part of name.split('.')) {
      const next = node.below.get(part) ?? newNode();
      node.below.set(part, next);
      node = next;
    }
    node.text = text;
  }
  const { Action: operation, Version: _, ...input } = nodeValue(root) as Record<string, QueryValue>;
  return { operation: String(operation), input };
}

const escaped = (text: string): string =>
  text.replace(/[&<>]/g, (character) => ({ '&': '&amp;', '<': '&lt;' })[character] ?? '&gt;');

function xmlOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((each) => `<member>${xmlOf(each)}</member>`).join('');
  if (typeof value !== 'object' || value === null) return escaped(String(value));
  const members = Object.entries(value).filter(([, each]) => each !== undefined);
  return members.map(([name, each]) => `<${name}>${xmlOf(each)}</${name}>`).join('');
}

const NAMESPACE = 'http://cloudformation.amazonaws.com/doc/2010-05-15/';

export const formatAnswer = (operation: string, output: object): string =>
  `<${operation}Response xmlns="${NAMESPACE}"><${operation}Result>${xmlOf(output)}</${operation}Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></${operation}Response>`;

export const formatRefusal = (code: string, message: string): string =>
  `<ErrorResponse xmlns="${NAMESPACE}"><Error>${xmlOf({ Type: 'Sender', Code: code, Message: message })}</Error><RequestId>1</RequestId></ErrorResponse>`;
