import { Document, type DocumentOptions, type SchemaOptions, visit } from 'yaml';
import { printable } from '../../printable.ts';

const WRITING = {
  lineWidth: 0,
  // Of a space between two line breaks yaml 2.9.1 makes a backslash, where it quotes a text over several lines.
  doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
};

/**
 * A document as YAML: without anchors, each text on its own line, however long, and what is not to be seen of it escaped: in
 * quotes, so that it reads the same. Whoever writes it ends its last line: more of what is empty there may be of a text.
 */
export function yamlText(value: unknown, options: DocumentOptions & SchemaOptions = {}): string {
  const document = new Document(value, { aliasDuplicateObjects: false, ...options });
  visit(document, {
    Scalar: (_, scalar) => {
      const text = scalar.value;
      if (typeof text === 'string' && printable(text) !== text) scalar.type = 'QUOTE_DOUBLE';
    },
  });
  return printable(document.toString(WRITING)).replace(/\n$/, '');
}
