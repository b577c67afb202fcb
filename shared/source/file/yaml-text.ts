import { Document, type DocumentOptions, type SchemaOptions, visit } from 'yaml';
import { escapedBy } from '../../printable.ts';

const WRITING = {
  lineWidth: 0,
  // Of a space between two line breaks yaml 2.9.1 makes a backslash, where it quotes a text over several lines.
  doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
};

/** In the place of a backslash until all is written. It is not to be seen itself: of a text there is none left by then. */
const SIGN = '\ue000';

/**
 * A document as YAML: without anchors, each text on its own line, however long, and what is not to be seen of it escaped: in
 * quotes, so that it reads the same. Whoever writes it ends its last line: more of what is empty there may be of a text.
 */
export function yamlText(value: unknown, options: DocumentOptions & SchemaOptions = {}): string {
  const document = new Document(value, { aliasDuplicateObjects: false, ...options });
  visit(document, {
    Scalar: (_, scalar) => {
      const text = scalar.value;
      if (typeof text !== 'string') return;
      // Here and not in what was written: the library has to know how long a key is.
      scalar.value = escapedBy(text, SIGN);
      if (scalar.value !== text) scalar.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString(WRITING).replaceAll(SIGN, '\\').replace(/\n$/, '');
}
