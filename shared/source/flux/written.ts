/** A secret that a native document points to: where it has to be kept, and what it is. Never its value. */
export interface KeptSecret {
  /** From the folder of the document. */
  readonly file: string;
  /** `key token of Secret web/hook`. */
  readonly what: string;
  /** `namespace/name` of the Secret that has it, and its key; without one its whole manifest. Absent: it stands in no Secret by itself. */
  readonly secret?: { readonly id: string; readonly key?: string };
}

/** An entry of our own document that an object became. */
export interface Written {
  readonly list: 'sources' | 'credentials' | 'receivers' | 'deploys' | 'notify';
  readonly entry: Readonly<Record<string, unknown>>;
  readonly secrets: readonly KeptSecret[];
}

/** A part of a path, whatever somebody named it. */
const part = (text: string): string => text.replace(/[^A-Za-z0-9._-]/g, '-').replace(/^\.{1,2}$/, '-');

const pathOf = (...parts: readonly string[]): string => ['secrets', ...parts.map(part)].join('/');

/** A key of a Secret, as a file of its folder: so Kubernetes mounts it, too. */
export function keptKey(id: string, key: string): KeptSecret {
  const [namespace = '', name = ''] = id.split('/');
  return { file: pathOf(namespace, name, key), what: `key ${key} of Secret ${id}`, secret: { id, key } };
}

/** A whole Secret, as its manifest. */
export function keptManifest(id: string): KeptSecret {
  const [namespace = '', name = ''] = id.split('/');
  return { file: pathOf(namespace, `${name}.yaml`), what: `the manifest of Secret ${id}`, secret: { id } };
}

/** What stands in an object itself, or in a part of a Secret's key. */
export const keptText = (id: string, key: string, what: string): KeptSecret => {
  const [namespace = '', name = ''] = id.split('/');
  return { file: pathOf(namespace, name, key), what };
};

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

/** Without what is so anyway. */
export const tidied = (entry: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(entry).filter(
      ([key, value]) => value !== undefined && !isEmpty(value) && !(key === 'suspend' && value === false),
    ),
  );
