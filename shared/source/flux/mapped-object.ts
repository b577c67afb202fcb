import type { z } from 'zod';
import { isObject } from '../../kernel/json.ts';
import type { SourceId } from '../../model/ids.ts';
import { toSources } from '../composed/to-sources.ts';
import type { YamlDocument } from '../file/yaml-document.ts';
import { EMPTY_FRAGMENT, type Fragment } from '../fragment.ts';
import { problemsOf } from '../issue.ts';
import { formatPlace, type Place, type Problem } from '../problem.ts';
import { schemaKeys } from '../schema/json-schema.ts';
import { source as sourceSchema } from '../schema/schema-source.ts';
import { mapAccess } from './access.ts';
import { mapVerify, type VerifySpec } from './flux-verify.ts';
import { fittingName, type NamedObject } from './names.ts';
import type { AccessSpec } from './schema.ts';
import type { FluxSecrets } from './secrets.ts';
import { tidied } from './written.ts';

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
  const keys = schemaKeys(schema);
  return {
    problems: issues.flatMap((issue) => problemsOf(issue, document, keys)),
  };
}

/** A label that Kubernetes allows and events do not carry is left behind. */
const isLabel = ([key, value]: readonly [string, string]): boolean =>
  /^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?$/.test(key) && value.length <= 256;

export const labelsOf = (labels: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(labels).filter(isLabel).slice(0, 32));

export interface MappedSource extends NamedObject {
  readonly document: YamlDocument;
  /** In the form of our own document, but for its name and namespace. */
  readonly entry: Readonly<Record<string, unknown>>;
  readonly access: {
    readonly spec: AccessSpec;
    readonly namespace: string;
    /** The document of the object that has the access spec. */
    readonly document: YamlDocument;
  };
  /** Who has to have signed. */
  readonly verify?: VerifySpec;
  readonly notices: readonly { readonly place: Place; readonly message: string }[];
}

/** An object that would be a source, but for what is wrong with it. */
export interface RefusedObject extends NamedObject {
  readonly document: YamlDocument;
  readonly problems: readonly Problem[];
}

const urlIn = ({ value }: YamlDocument): string => {
  const spec = isObject(value) ? value['spec'] : undefined;
  const url = isObject(spec) ? spec['url'] : undefined;
  return typeof url === 'string' && !url.includes('@') ? url : '';
};

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Stalls one source; one that has no name of ours to stall is a problem of its whole file. */
export function refusedObject({ document, namespace, problems }: RefusedObject, name: string): Fragment {
  if (!NAME.test(namespace) || !NAME.test(name)) return { ...EMPTY_FRAGMENT, problems };
  const { file } = document;
  const refused = { namespace, name, file, url: urlIn(document), problems, onRefused: 'stall' } as const;
  return { ...EMPTY_FRAGMENT, problems, refused: [refused] };
}

const renamed = ({ kind, namespace, name }: NamedObject, as: string): string =>
  `${kind} ${namespace}/${name} is the source ${namespace}/${as}, as ${fittingName(name) === name ? 'another has its name' : 'names have no dots and at most 63 characters here'}`;

/** Adds a source made of an object, with the entries that let it reach its registry. */
export function mappedFragment(mapped: MappedSource, name: string, secrets: FluxSecrets): Fragment {
  const { document, access, namespace } = mapped;
  const place = document.placeOf([]);
  const verified = mapped.verify && mapVerify(mapped.verify, secrets);
  if (verified !== undefined && 'problem' in verified)
    return refusedObject({ ...mapped, problems: [verified.problem] }, name);
  const entry = { name, namespace, ...mapped.entry, ...(verified && { verify: verified.verify }) };
  const parsed = sourceSchema.safeParse(entry);
  if (!parsed.success) {
    const message = parsed.error.issues.map((issue) => issue.message).join('; ');
    const problem = { ...document.placeOf(['spec']), path: 'spec', message, code: 'CONFIG_INVALID' } as const;
    return refusedObject({ ...mapped, problems: [problem] }, name);
  }
  const sources = toSources(parsed.data, document.file);
  const [followed] = sources;
  if (followed === undefined) return EMPTY_FRAGMENT;
  const reached = mapAccess(
    {
      spec: access.spec,
      namespace: access.namespace,
      repository: followed.repository,
      place,
      placeOf: (key) => access.document.placeOfKey(['spec'], key),
    },
    secrets,
  );
  const { problems } = reached;
  if (problems.length > 0) return refusedObject({ ...mapped, problems }, name);
  const notices = mapped.notices.map((notice) => ({ ...notice, place: formatPlace(notice.place) }));
  const other = name === mapped.name ? [] : [{ place: formatPlace(place), message: renamed(mapped, name) }];
  return {
    ...EMPTY_FRAGMENT,
    sources: sources.map((entry) => ({ entry, place, path: '' })),
    credentials: reached.credentials,
    written: [{ list: 'sources', entry: tidied(entry), secrets: [] }, ...reached.written],
    notices: [...other, ...notices, ...(verified?.notices ?? []), ...reached.notices],
  };
}

/** `namespace/name` of the Secrets that a source is reached and verified with. */
export const secretsNamed = ({ access: { spec, namespace }, verify }: MappedSource): readonly string[] =>
  [
    ...[spec.secretRef, spec.certSecretRef].map((ref) => ref && `${namespace}/${ref.name}`),
    ...[verify?.spec.secretRef, verify?.spec.trustedRootSecretRef].map(
      (ref) => verify && ref && `${verify.namespace}/${ref.name}`,
    ),
  ].filter((id) => id !== undefined);

export const idIn = (document: YamlDocument): SourceId => {
  const metadata = isObject(document.value) ? document.value['metadata'] : undefined;
  const { namespace, name } = isObject(metadata) ? metadata : {};
  return {
    namespace: typeof namespace === 'string' ? namespace : 'default',
    name: typeof name === 'string' ? name : '',
  };
};
