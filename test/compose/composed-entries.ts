/** Entries of a source document that are followed, and that are composed. */
export const followed = (name: string, more = ''): string =>
  `  - { name: ${name}, namespace: web, url: "oci://r.example/${name}"${more} }\n`;
export const composed = (name: string, body: string, namespace = 'web'): string =>
  `  - { name: ${name}, namespace: ${namespace}, ${body} }\n`;
export const documents = (...entries: readonly string[]): string => `sources:\n${entries.join('')}`;
