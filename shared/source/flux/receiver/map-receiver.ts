import { toReceiver } from '../../entries.ts';
import { EMPTY_FRAGMENT, type Fragment } from '../../fragment.ts';
import { formatPlace, issuesText } from '../../problem.ts';
import { receiver as receiverSchema } from '../../schema/schema-receiver.ts';
import type { Notice } from '../../source.ts';
import type { ReadObject } from '../mapped-object.ts';
import { distinctName } from '../names.ts';
import { type FluxSecrets, malformedIn } from '../secrets.ts';
import { type UnreadFields, unreadNotices } from '../unread.ts';
import { keptKey, keptText } from '../written.ts';
import type { FluxReceiver, FluxResource } from './flux-receiver.ts';
import { mapReceiverType } from './receiver-type.ts';
import { type WatchedObject, watchedBy } from './watched-object.ts';

const UNREAD: UnreadFields = {
  interval: 'nothing of a receiver is reconciled',
  resourceFilter: 'a webhook looks at the sources of the repository that it names',
  'resources[].filter': 'a webhook looks at the sources of the repository that it names',
};

const shown = ({ kind, namespace, name }: FluxResource, own: string): string =>
  `${kind} ${namespace ?? own}/${name}`.slice(0, 200);

/** The repositories of a host, each once. */
function repositoriesByHost(objects: readonly WatchedObject[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  for (const { repository } of objects) {
    const of = found.get(repository.registry) ?? new Set();
    found.set(repository.registry, of.add(repository.repository));
  }
  return new Map([...found].map(([host, repositories]) => [host, [...repositories].toSorted()]));
}

/**
 * Maps Flux's Receiver onto receivers of ours, one for each registry that its resources are at. It is a hint where to
 * look and stops nothing, so what cannot be mapped of it is a notice.
 */
export function mapReceiver(
  { document, object }: ReadObject<FluxReceiver>,
  { byId }: FluxSecrets,
  watched: readonly WatchedObject[],
): Fragment {
  const { metadata, spec } = object;
  const { namespace, name } = metadata;
  const id = `Receiver ${namespace}/${name}`;
  const place = document.placeOf([]);
  const notice = (message: string): Notice => ({ place: formatPlace(place), message });
  const not = (because: string): Fragment => ({
    ...EMPTY_FRAGMENT,
    notices: [notice(`${id} is not mapped: ${because}`)],
  });
  if (spec.suspend) return not('it is suspended');
  const secretId = spec.secretRef && `${namespace}/${spec.secretRef.name}`;
  const secret = secretId === undefined ? undefined : byId.get(secretId);
  const malformed = secret && malformedIn(secret, () => true);
  if (malformed !== undefined) return not(malformed);
  const token = secret?.values.get('token')?.trim();
  if (spec.type !== 'generic-oidc' && !token)
    return not(
      secret === undefined
        ? `Secret ${secretId ?? 'of its own'} is not in these documents`
        : `Secret ${secretId} has no token`,
    );
  const asked = spec.resources.map((resource) => ({
    resource,
    found: watchedBy(resource, namespace, watched),
  }));
  const hosts = repositoriesByHost(asked.flatMap(({ found }) => found));
  if (hosts.size === 0) return not('none of its resources is a source here');
  const left = asked
    .filter(({ found }) => found.length === 0)
    .map(({ resource }) => notice(`${id}: ${shown(resource, namespace)} is no source here`));
  const unread = unreadNotices(document, UNREAD).map((each) => ({ ...each, place: formatPlace(each.place) }));
  const kept =
    secretId === undefined
      ? keptText(
          `${namespace}/${name}`,
          'path',
          `any text that is hard to guess, which the address of ${id} follows from`,
        )
      : keptKey(secretId, 'token');
  const parts = [...hosts].map(([registry, repositories]): Fragment => {
    const mapped = mapReceiverType({ spec, registry, secret });
    if ('because' in mapped) return not(mapped.because);
    const suffix = hosts.size === 1 ? '' : `-${registry.replace(/[^a-z0-9]+/g, '-')}`;
    const entry = {
      name: distinctName(`${namespace}-${name}${suffix}`),
      type: mapped.type,
      registry,
      repositories,
      ...mapped.settings,
      // Of one that tokens are for the path follows from its name alone, as with Flux.
      secret: { value: token ?? id },
    };
    const parsed = receiverSchema.safeParse(entry);
    if (!parsed.success) return not(issuesText(parsed.error.issues));
    const otherwise = mapped.otherwise === undefined ? '' : `; ${mapped.otherwise}`;
    return {
      ...EMPTY_FRAGMENT,
      receivers: [{ entry: toReceiver(parsed.data, document.file), place, path: '' }],
      written: [{ list: 'receivers', entry: { ...entry, secret: { file: kept.file } }, secrets: [kept] }],
      notices: [
        notice(
          `${id} is the receiver ${entry.name}, at an address of its own: landfall receivers prints it${otherwise}`,
        ),
      ],
    };
  });
  return {
    ...EMPTY_FRAGMENT,
    receivers: parts.flatMap(({ receivers }) => receivers),
    written: parts.flatMap(({ written = [] }) => written),
    notices: [...parts.flatMap(({ notices }) => notices), ...left, ...unread],
  };
}
