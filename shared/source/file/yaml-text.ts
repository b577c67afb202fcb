import { stringify } from 'yaml';

/**
 * A document as YAML: without anchors, and each text on its own line, however long. Whoever writes it ends its last line: more of
 * what is empty there may be of a text.
 */
export const yamlText = (document: unknown): string =>
  stringify(document, { lineWidth: 0, aliasDuplicateObjects: false }).replace(/\n$/, '');
