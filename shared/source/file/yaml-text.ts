import { stringify } from 'yaml';

const OPTIONS = {
  lineWidth: 0,
  aliasDuplicateObjects: false,
  // Of a space between two line breaks yaml 2.9.1 makes a backslash, where it quotes a text over several lines.
  doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
};

/**
 * A document as YAML: without anchors, and each text on its own line, however long. Whoever writes it ends its last line: more of
 * what is empty there may be of a text.
 */
export const yamlText = (document: unknown): string => stringify(document, OPTIONS).replace(/\n$/, '');
