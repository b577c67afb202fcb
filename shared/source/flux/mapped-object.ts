import type { z } from 'zod';
import { toSource } from '../entries.ts';
import { EMPTY_FRAGMENT, type Fragment, refusedFragment } from '../fragment.ts';
import { problemsOf } from '../issue.ts';
import { keysOf } from '../json-schema.ts';
import { formatPlace, type Place, type Problem } from '../problem.ts';
import { source as sourceSchema } from '../schema-source.ts';
import type { YamlDocument } from '../yaml-document.ts';
import { mapAccess } from './access.ts';
import type { AccessSpec } from './schema.ts';
import type { FluxSecrets } from './secrets.ts';

/** An object that passed its schema. */
export interface ReadObject<T> {
  readonly document: YamlDocument;
  readonly object: T;
}

export type ReadResult<T> = { readonly read: ReadObject<T> } | { readonly problems: readonly Problem[] };

/** Checks an object of a known kind. */
export function readObject<Schema extends z.ZodType>(
  schema: Schema,
  document: YamlDocument,
): ReadResult<z.output<Schema>> {
  const result = schema.safeParse(document.value);
  if (result.success) return { read: { document, object: result.data } };
  const { issues } = result.error;
  return {
    problems: issues.flatMap((issue) => problemsOf(issue, document, (path) => keysOf(schema, path))),
  };
}

/** A label that Kubernetes allows and events do not carry is left behind. */
const isLabel = ([key, value]: readonly [string, string]): boolean =>
  /^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?$/.test(key) && value.length <= 256;

export const labelsOf = (labels: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(labels).filter(isLabel).slice(0, 32));

export interface MappedSource {
  readonly document: YamlDocument;
  /** In the form of our own document. */
  readonly entry: unknown;
  readonly access: {
    readonly spec: AccessSpec;
    readonly namespace: string;
    /** The document of the object that has the access spec. */
    readonly document: YamlDocument;
  };
  readonly notices: readonly { readonly place: Place; readonly message: string }[];
}

/** Adds a source made of an object, with the entries that let it reach its registry. */
export function mappedFragment(mapped: MappedSource, secrets: FluxSecrets): Fragment {
  const { document, access } = mapped;
  const place = document.placeOf([]);
  const parsed = sourceSchema.safeParse(mapped.entry);
  if (!parsed.success) {
    const message = parsed.error.issues.map((issue) => issue.message).join('; ');
    return refusedFragment([
      { ...document.placeOf(['spec']), path: 'spec', message, code: 'CONFIG_INVALID' },
    ]);
  }
  const source = toSource(parsed.data);
  const reached = mapAccess(
    {
      spec: access.spec,
      namespace: access.namespace,
      repository: source.repository,
      place,
      placeOf: (key) => access.document.placeOfKey(['spec'], key),
    },
    secrets,
  );
  const notices = mapped.notices.map((notice) => ({ ...notice, place: formatPlace(notice.place) }));
  return {
    ...EMPTY_FRAGMENT,
    sources: [{ entry: source, place, path: '' }],
    credentials: reached.credentials,
    notices: [...notices, ...reached.notices],
    problems: reached.problems,
  };
}
