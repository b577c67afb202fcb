import * as z from 'zod';
import { kindSchemas } from '../../deploy/kinds/kind-schemas.ts';
import type { KindSchema } from '../../deploy/kit/kind-schema.ts';
import { parsePattern } from '../../event/pattern/parse-pattern.ts';
import {
  CLUSTER_REGIONS,
  CLUSTER_TAGS,
  DEPLOY_DEPENDENCIES,
  DEPLOY_RUNS,
  DEPLOY_TRIES,
  DEPLOY_WINDOWS,
  FOLDER_CHARACTERS,
  KUBERNETES_CLUSTERS,
  LABEL_CHARACTERS,
  TAG_KEY_CHARACTERS,
} from '../../limits.ts';
import { checkWindow } from '../deploy-window.ts';
import {
  glob,
  interval,
  longTimeout,
  name,
  refusalOf,
  refusedWhen,
  timeout,
  wanted,
  windowLength,
} from './schema-fields.ts';
import { labels } from './schema-labels.ts';

const folder = z
  .string()
  .min(1)
  .max(FOLDER_CHARACTERS)
  .refine((path) => path.split('/').every((part) => part !== '' && part !== '.' && part !== '..'), {
    error: 'wanted a folder inside the artifact, e.g. apps/web, without a leading or trailing "/"',
  });

const WINDOW_KEYS = 'wanted one of allow and deny: a cron expression of five fields';

/** From each time of a cron expression, for so long. */
const window = z
  .strictObject({
    allow: z.string().exactOptional().meta({ description: 'Five fields of cron: when it may begin' }),
    deny: z.string().exactOptional().meta({ description: 'Five fields of cron: when it may not' }),
    timeZone: z.string().default('UTC').meta({ description: 'IANA name, e.g. Europe/Berlin' }),
    for: windowLength.default('1m').meta({ description: 'How long it is open from each of those times' }),
  })
  .check(
    refusedWhen(({ allow, deny, timeZone }) => {
      const cron = allow ?? deny;
      if (cron === undefined || (allow !== undefined && deny !== undefined)) return { message: WINDOW_KEYS };
      return refusalOf(() => checkWindow({ cron, timeZone }));
    }),
  );

const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;
const ROLE = /^arn:[a-z0-9-]+:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/;
/** @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const EXTERNAL_ID = /^[\w+=,.@:/-]{2,1224}$/;

const role = z.strictObject({
  arn: z.string().regex(ROLE, wanted('the ARN of a role')),
  externalId: z
    .string()
    .regex(EXTERNAL_ID, wanted('2 to 1,224 of letters, digits and _+=,.@:/-'))
    .exactOptional(),
});

/** What every kind has. */
const common = {
  name,
  source: glob.meta({ description: 'namespace/name, name (in default), or a glob over namespace/name' }),
  path: folder
    .exactOptional()
    .meta({ description: 'Only what is under this folder; also what must have changed' }),
  pattern: z
    .record(z.string(), z.unknown())
    .check(refusedWhen((pattern) => refusalOf(() => parsePattern(pattern))))
    .exactOptional()
    .meta({ description: 'An EventBridge pattern over the envelope' }),
  labels: labels.exactOptional().meta({ description: 'Told to the kind' }),
  timeout: timeout.default('60s'),
  retry: z
    .strictObject({
      limit: z.int().min(1).max(DEPLOY_TRIES).meta({ description: 'Tries of one generation in all' }),
    })
    .exactOptional(),
  rollback: z
    .enum(['onFailure'])
    .exactOptional()
    .meta({ description: 'What failed for good is taken back, where the kind can' }),
  dependsOn: z.array(name).max(DEPLOY_DEPENDENCIES).exactOptional().meta({
    description: 'Deploys that have to have applied the same revision, or what is current of theirs',
  }),
  approval: z.enum(['required']).exactOptional().meta({ description: 'Waits for: landfall approve DEPLOY' }),
  verify: z.enum(['required']).exactOptional().meta({
    description: 'Deploys only what is verified: who signed it is proven by a policy of its source',
  }),
  windows: z.array(window).max(DEPLOY_WINDOWS).exactOptional().meta({ description: 'When it may begin' }),
  dryRun: z.boolean().exactOptional().meta({ description: 'Says what it would do, and does nothing' }),
  suspend: z.boolean().exactOptional().meta({ description: 'Begins nothing' }),
  interval: interval.exactOptional().meta({ description: 'How often the target is compared' }),
  drift: z.enum(['correct', 'tell', 'off']).exactOptional().meta({
    description: 'What is done where the target is not as it was left; default with interval: tell',
  }),
  prune: z
    .boolean()
    .exactOptional()
    .meta({ description: 'What it left is taken away when the deploy goes from the documents' }),
  history: z
    .int()
    .min(1)
    .max(DEPLOY_RUNS)
    .exactOptional()
    .meta({ description: 'Runs whose log is kept; default 10' }),
  role: role.exactOptional().meta({ description: 'The role of AWS that it works as' }),
  region: z.string().regex(REGION, wanted('a region of AWS, e.g. eu-central-1')).exactOptional(),
};

/** What of all that every kind has may be another for one of several clusters. */
const ofCluster = z.object(common).pick({
  labels: true,
  rollback: true,
  approval: true,
  windows: true,
  dryRun: true,
  suspend: true,
  interval: true,
  drift: true,
  history: true,
  role: true,
  region: true,
}).shape;

/** A field that is left out says nothing, where its default would take the place of what the deploy says. */
const withoutDefault = (schema: z.core.$ZodType): z.core.$ZodType => {
  const { def } = schema._zod as z.core.$ZodDefault['_zod'];
  return def.type === 'default' ? z.optional(def.innerType) : schema;
};

/** One of several clusters, with what of the deploy is another there. */
const clusterOf = (own: readonly string[], shape: z.core.$ZodShape) =>
  z.strictObject({
    name: name.meta({ description: 'Of the cluster: its deploy is DEPLOY.NAME' }),
    wave: z.int().min(0).exactOptional().meta({
      description:
        'Begins when all of a lower one have applied the revision; default: one more than the cluster before',
    }),
    ...ofCluster,
    ...Object.fromEntries(own.map((key) => [key, withoutDefault(shape[key] ?? z.never())])),
  });

/** @see https://docs.aws.amazon.com/eks/latest/userguide/eks-using-tags.html */
const tagKey = z.string().min(1).max(TAG_KEY_CHARACTERS);

/** Clusters of EKS, whichever have these tags when the deploy looks. */
const byTags = z.strictObject({
  tags: z
    .record(tagKey, z.string().max(LABEL_CHARACTERS))
    .refine((tags) => Object.keys(tags).length > 0 && Object.keys(tags).length <= CLUSTER_TAGS, {
      error: `wanted 1 to ${CLUSTER_TAGS} tags, by their keys`,
    })
    .meta({ description: 'A cluster of EKS has to have all of these' }),
  regions: z
    .array(z.string().regex(REGION, wanted('a region of AWS, e.g. eu-central-1')))
    .min(1)
    .max(CLUSTER_REGIONS)
    .exactOptional()
    .meta({ description: 'Where they are looked for; default: region of the deploy, or where it runs' }),
  waveTag: tagKey.exactOptional().meta({
    description: 'A tag with the number of the wave; default: one cluster after the other, by name',
  }),
});

const severalOf = (own: readonly string[], settings: KindSchema['settings']) => ({
  clusters: z
    .union([z.array(clusterOf(own, settings.shape)).min(1).max(KUBERNETES_CLUSTERS), byTags])
    .exactOptional()
    .meta({ description: 'Several clusters, one after the other: a list, or those of EKS by their tags' }),
});

/** Of a kind that knows no clusters none: of the type the field is all the same, where nobody has to give it. */
const clustersOf = ({ ofCluster: own, settings }: KindSchema): ReturnType<typeof severalOf> =>
  own === undefined ? ({} as ReturnType<typeof severalOf>) : severalOf(own, settings);

/** What says of a deploy over clusters by their tags which one it is for. */
function namedTwice(value: Readonly<Record<string, unknown>>): string | undefined {
  const { clusters } = value;
  if (clusters === undefined || Array.isArray(clusters)) return undefined;
  return ['kubeconfig', 'context', 'eks'].find((key) => value[key] !== undefined);
}

/** Whether it says how often, for itself or for one of its clusters. */
const isCompared = (value: Readonly<Record<string, unknown>>): boolean =>
  [value, ...(Array.isArray(value['clusters']) ? value['clusters'] : [])].some(
    (each) => each.interval !== undefined,
  );

/** What all have, and what the kind has. */
function memberOf(schema: KindSchema) {
  const { kind, settings, isLong, isOpen } = schema;
  const closed = z.strictObject({
    ...common,
    ...(isLong && { timeout: longTimeout.default('1h') }),
    kind: z.literal(kind),
    ...settings.shape,
    ...clustersOf(schema),
  });
  const own = isOpen === true ? closed.loose() : closed;
  return own.check(({ value, issues }) => {
    const refuse = (path: PropertyKey[], message: string): void => {
      issues.push({ code: 'custom', message, path, input: value });
    };
    // What the kind holds against its fields as a whole; each by itself was held to its own, and is told of there.
    const told = new Set(issues.map(({ path = [] }) => JSON.stringify(path)));
    for (const { message, path } of settings.safeParse(value).error?.issues ?? [])
      if (!told.has(JSON.stringify(path))) refuse([...path], message);
    const named = namedTwice(value);
    if (named !== undefined) refuse([named], `${named} names one cluster, and clusters.tags many`);
    for (const [key, why] of Object.entries(schema.lacks ?? {}))
      if (value[key as keyof typeof value] !== undefined) refuse([key], why);
    if (['correct', 'tell'].includes(value.drift ?? '') && !isCompared(value))
      refuse(['drift'], 'nothing is compared without interval: say how often');
  });
}

type Member = ReturnType<typeof memberOf>;

/** A consumer of revisions. A kind is one member; made with the first document, when kinds of one's own are known. */
export const deploy = z.lazy(() =>
  z.discriminatedUnion('kind', kindSchemas().map(memberOf) as unknown as readonly [Member, ...Member[]]),
);

type CommonDocument = z.output<z.ZodObject<typeof common>>;
export type DeployDocument = CommonDocument & { readonly kind: string } & Readonly<Record<string, unknown>>;
