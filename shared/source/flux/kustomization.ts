import { LONG_TIMEOUT_BOUNDS, parseDuration } from '../../duration.ts';
import { toDeploy } from '../entries.ts';
import type { YamlDocument } from '../file/yaml-document.ts';
import { EMPTY_FRAGMENT, type Fragment } from '../fragment.ts';
import { formatPlace, type Place, type Problem } from '../problem.ts';
import { deploy as deploySchema } from '../schema/schema-deploy.ts';
import type { FluxKustomization } from './kustomization-schema.ts';
import { labelsOf, type ReadObject } from './mapped-object.ts';
import { fittingName } from './names.ts';

/** A Kustomization that asks for a deploy. */
export interface MappedDeploy {
  readonly document: YamlDocument;
  /** `namespace/name` in Kubernetes. */
  readonly id: string;
  /** Of what it deploys: `OCIRepository namespace/name`. */
  readonly from: string;
  /** Ids of Kustomizations. */
  readonly dependsOn: readonly string[];
  /** In the form of our own document, but for its source and what it depends on. */
  readonly entry: Readonly<Record<string, unknown>>;
  readonly notices: readonly { readonly place: Place; readonly message: string }[];
}

/** Of namespace and name both, so that no other object changes it: what it made has this name on it. */
export const deployNameOf = (id: string): string => fittingName(id.replace('/', '-'));

const HALF_MINUTE_MS = 30_000;

/** As with Flux: 30 seconds less than the interval. */
function timeoutOf({ timeout, interval }: FluxKustomization['spec']): string {
  if (timeout !== undefined) return timeout;
  const ms = Math.min(
    Math.max(parseDuration(interval) - HALF_MINUTE_MS, HALF_MINUTE_MS),
    LONG_TIMEOUT_BOUNDS.maximum,
  );
  return `${Math.round(ms / 1000)}s`;
}

/** `./deploy/prod/` and `/deploy/prod` are the same folder of the artifact. */
const folderOf = (path: string): string => path.replace(/^(\.?\/)+/, '').replace(/\/+$/, '') || '.';

const given = (fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

const NOTICES: Readonly<Partial<Record<keyof FluxKustomization['spec'], string>>> = {
  retryInterval:
    'retryInterval is not read: what may come right is tried again ever more slowly, what may not once something changes',
  buildMetadata: 'buildMetadata is not read: no annotation says where an object came from',
};

/** Maps Flux's Kustomization onto a deploy of kind kubernetes. @throws LandfallError of a duration that is none */
export function mapKustomization({ document, object }: ReadObject<FluxKustomization>): MappedDeploy {
  const { metadata, spec } = object;
  const { namespace, name } = metadata;
  const { sourceRef, postBuild, serviceAccountName, path = '.' } = spec;
  const { targetNamespace, namePrefix, nameSuffix, commonMetadata, patches, images } = spec;
  const { components, ignoreMissingComponents, healthChecks, interval } = spec;
  const id = `${namespace}/${name}`;
  return {
    document,
    id,
    from: `${sourceRef.kind} ${sourceRef.namespace ?? namespace}/${sourceRef.name}`,
    dependsOn: spec.dependsOn.map((each) => `${each.namespace ?? namespace}/${each.name}`),
    entry: given({
      name: deployNameOf(id),
      kind: 'kubernetes',
      labels: labelsOf(metadata.labels),
      interval,
      drift: 'correct',
      timeout: timeoutOf(spec),
      suspend: spec.suspend,
      prune: spec.deletionPolicy === 'MirrorPrune' ? spec.prune : spec.deletionPolicy !== 'Orphan',
      keepObjects: !spec.prune,
      kustomization: folderOf(path),
      force: spec.force,
      wait: spec.wait,
      // With wait Flux leaves them unread.
      healthChecks: spec.wait ? undefined : healthChecks,
      targetNamespace,
      namePrefix,
      nameSuffix,
      commonMetadata,
      patches,
      images,
      components,
      ignoreMissingComponents,
      substitute: postBuild?.substitute,
      substituteFrom: postBuild?.substituteFrom.map((each) => ({ ...each, namespace })),
      serviceAccount: serviceAccountName && { name: serviceAccountName, namespace },
      inventoryNamespace: serviceAccountName && namespace,
    }),
    notices: Object.entries(NOTICES)
      .filter(([key]) => spec[key as keyof typeof spec] !== undefined)
      .map(([key, message]) => ({ place: document.placeOfKey(['spec'], key), message })),
  };
}

/** A deploy that is refused, and nothing beside it. */
export const refusedDeploy = ({ file }: YamlDocument, problems: readonly Problem[]): Fragment => ({
  ...EMPTY_FRAGMENT,
  problems,
  refusedLists: [{ file, list: 'deploys', problems }],
});

/**
 * Adds the deploy.
 * @param source `namespace/name` of the source that its sourceRef comes to
 */
export function deployFragment(
  { document, entry, dependsOn, notices }: MappedDeploy,
  source: string,
): Fragment {
  const whole = { ...entry, source, ...(dependsOn.length > 0 && { dependsOn: dependsOn.map(deployNameOf) }) };
  const parsed = deploySchema.safeParse(whole);
  if (!parsed.success) {
    // Places of our own keys are not those of its own.
    const message = parsed.error.issues
      .map((issue) => `${issue.path.join('.')}: ${issue.message}`)
      .join('; ');
    const problem = { ...document.placeOf(['spec']), path: 'spec', message, code: 'CONFIG_INVALID' } as const;
    return refusedDeploy(document, [problem]);
  }
  return {
    ...EMPTY_FRAGMENT,
    deploys: [{ entry: toDeploy(parsed.data, document.file), place: document.placeOf([]), path: '' }],
    notices: notices.map((notice) => ({ ...notice, place: formatPlace(notice.place) })),
  };
}
