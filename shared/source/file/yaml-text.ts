import { stringify } from 'yaml';

/** A document as YAML: without anchors, and each text on its own line, however long. */
export const yamlText = (document: unknown): string =>
  stringify(document, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd();
