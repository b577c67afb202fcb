import * as z from 'zod';
import { EMPTY_FRAGMENT, type Fragment } from '../../fragment.ts';
import { formatPlace, issuesText } from '../../problem.ts';
import { notify as notifySchema } from '../../schema/schema-notify.ts';
import type { Notice } from '../../source.ts';
import { toNotify } from '../../to-notify.ts';
import { deployNameOf } from '../deploy/mapped-deploy.ts';
import type { ReadObject } from '../mapped-object.ts';
import { distinctName } from '../names.ts';
import { FLUX_DEPLOY_KINDS, type Referred } from '../referred.ts';
import { fluxObject } from '../schema.ts';
import { tidied, type Written } from '../written.ts';
import { mapProvider, unreadFields } from './notify-provider.ts';

const VERSIONS = [
  'notification.toolkit.fluxcd.io/v1beta3',
  'notification.toolkit.fluxcd.io/v1beta2',
  'notification.toolkit.fluxcd.io/v1beta1',
];

/** @see https://github.com/fluxcd/notification-controller/blob/main/docs/spec/v1beta3/alerts.md */
export const fluxAlert = fluxObject(
  'Alert',
  VERSIONS,
  z.strictObject({
    providerRef: z.looseObject({ name: z.string().min(1) }),
    eventSeverity: z.enum(['info', 'error']).default('info'),
    eventSources: z
      .array(
        z.looseObject({
          kind: z.string(),
          name: z.string().default('*'),
          namespace: z.string().exactOptional(),
          matchLabels: z.record(z.string(), z.string()).exactOptional(),
        }),
      )
      .min(1),
    inclusionList: z.array(z.string()).default([]),
    exclusionList: z.array(z.string()).default([]),
    eventMetadata: z.record(z.string(), z.string()).default({}),
    summary: z.string().exactOptional(),
    suspend: z.boolean().default(false),
  }),
);
type FluxAlert = z.output<typeof fluxAlert>;
type EventSource = FluxAlert['spec']['eventSources'][number];

/** Kinds that come to sources of ours. */
const SOURCES: readonly string[] = [
  ...[
    'OCIRepository',
    'GitRepository',
    'HelmRepository',
    'HelmChart',
    'HelmRelease',
    'ImageRepository',
    'ImagePolicy',
  ],
];

/** A HelmRelease is a source of its chart and a deploy. */
const KINDS: Readonly<Record<'sources' | 'deploys', readonly string[]>> = {
  sources: SOURCES,
  deploys: FLUX_DEPLOY_KINDS,
};

const isRead = ({ kind, matchLabels }: EventSource): boolean =>
  matchLabels === undefined && [...KINDS.sources, ...KINDS.deploys].includes(kind);

/**
 * `namespace/name` of sources; names of deploys. Of all deploys of a namespace there are the names of those that the
 * documents have: a name has its namespace in it, and a glob over names would tell one team of another's.
 */
const globsOf =
  (list: keyof typeof KINDS, namespace: string, deploys: readonly string[]) =>
  ({ kind, name, namespace: of = namespace }: EventSource): readonly string[] => {
    if (list === 'sources') return SOURCES.includes(kind) ? [`${of}/${name}`] : [];
    if (!KINDS.deploys.includes(kind)) return [];
    const ids =
      name === '*' ? deploys.filter((id) => id.startsWith(`${kind} ${of}/`)) : [`${kind} ${of}/${name}`];
    return ids.map(deployNameOf);
  };

/** What is told of each, as Flux's controllers do: `error` is of what failed. */
const EVENTS = {
  sources: {
    error: ['Source Reconcile Failed'],
    info: ['Source Reconcile Failed', 'Source Recovered', 'Artifact Revision Changed'],
  },
  deploys: { error: ['Deploy Failed'], info: ['Deploy Failed', 'Deploy Succeeded', 'Deploy Started'] },
} as const;

const METADATA = /^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;

function metadataOf({
  eventMetadata,
  summary,
}: FluxAlert['spec']): Readonly<Record<string, string>> | undefined {
  const all = { ...eventMetadata, ...(summary && { summary }) };
  const kept = Object.entries(all).filter(([key, value]) => METADATA.test(key) && value !== '');
  return kept.length === 0
    ? undefined
    : Object.fromEntries(kept.map(([key, value]) => [key, value.slice(0, 512)]));
}

/** Maps an alert with its provider onto entries of `notify`: one for what becomes sources, one for what becomes deploys. */
export function mapAlert(
  { document, object }: ReadObject<FluxAlert>,
  { providers, secrets, deploys, refused }: Referred,
): Fragment {
  const { namespace, name } = object.metadata;
  const { providerRef, eventSources, eventSeverity, inclusionList, exclusionList, suspend } = object.spec;
  const id = `Alert ${namespace}/${name}`;
  const notice = (message: string): Notice => ({ place: formatPlace(document.placeOf([])), message });
  const not = (because: string): Fragment => ({
    ...EMPTY_FRAGMENT,
    notices: [notice(`${id} is not mapped: ${because}`)],
  });
  const provider = providers.get(`${namespace}/${providerRef.name}`);
  if (provider === undefined)
    return not(`Provider ${namespace}/${providerRef.name} is not in these documents`);
  const because = refused.get(`Provider ${namespace}/${providerRef.name}`);
  if (because !== undefined) return not(`Provider ${namespace}/${providerRef.name} ${because}`);
  const mapped = mapProvider(provider, secrets);
  if ('because' in mapped) return not(`Provider ${namespace}/${providerRef.name}: ${mapped.because}`);
  const read = eventSources.filter(isRead);
  const notices = [
    ...eventSources
      .filter((each) => !isRead(each))
      .map(({ kind, matchLabels }) => {
        const why = matchLabels === undefined ? 'nothing of that kind is here' : 'matchLabels are not read';
        return notice(`${id}: events of ${kind.slice(0, 64)} are not told of: ${why}`);
      }),
    ...read
      .filter(
        (each) =>
          KINDS.deploys.includes(each.kind) && globsOf('deploys', namespace, deploys)(each).length === 0,
      )
      .map(({ kind, namespace: of = namespace }) =>
        notice(`${id}: there is no ${kind} of namespace ${of} here`),
      ),
    ...unreadFields(provider).map((key) => notice(`${id}: ${key} of its Provider is not read`)),
  ];
  const metadata = metadataOf(object.spec);
  const entries = (['sources', 'deploys'] as const).flatMap((list) => {
    const globs = read.flatMap(globsOf(list, namespace, deploys));
    if (globs.length === 0) return [];
    const suffix = list === 'deploys' ? '-deploys' : '';
    const entry = {
      name: distinctName(`${namespace}-${name}${suffix}`),
      type: mapped.type,
      ...mapped.settings,
      [list]: globs,
      events: EVENTS[list][eventSeverity],
      suspend: suspend || provider.object.spec.suspend,
      ...(inclusionList.length > 0 && { include: inclusionList }),
      ...(exclusionList.length > 0 && { exclude: exclusionList }),
      ...(metadata !== undefined && { metadata }),
    };
    const written: Written = {
      list: 'notify',
      entry: tidied({ ...entry, ...mapped.pointed }),
      secrets: mapped.secrets,
    };
    return [{ ...notifySchema.safeParse(entry), written }];
  });
  const failed = entries.flatMap(({ error }) => error?.issues ?? []);
  if (failed.length > 0) return not(issuesText(failed));
  return {
    ...EMPTY_FRAGMENT,
    notify: entries.flatMap(({ data }) =>
      data === undefined
        ? []
        : [{ entry: toNotify(data, (path) => path), place: document.placeOf([]), path: '' }],
    ),
    written: entries.map(({ written }) => written),
    notices,
  };
}
