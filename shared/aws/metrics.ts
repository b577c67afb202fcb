/** How many are not well at this moment; written at each poll, 0 included: an alarm hears both its beginning and its end. */
export type GaugeName =
  | 'SourcesFailing'
  | 'SourcesStalled'
  | 'SourcesStale'
  | 'EventsUnsent'
  | 'DocumentsRefused';

/** What is counted where it happens, and is a metric of CloudWatch: each has its price a month. */
type CountName = 'WebhooksRefused' | 'StartFailed' | 'NotTold';

/** What is counted for the log alone, where `fields @message` finds it for nothing. */
type LoggedName =
  | 'Looked'
  | 'Unchanged'
  | 'Landed'
  | 'SourceFailed'
  | 'SourceStalled'
  | 'EmitFailed'
  | 'WebhooksAccepted'
  | 'Enqueued'
  | 'MessagesRefused'
  | 'Told'
  | 'ArtifactsCollected';

/** What Landfall counts. Names are stable: alarms and dashboards are made of them. */
export type MetricName = GaugeName | CountName | LoggedName;

/** Those that are metrics; docs/cost.md reckons with as many. */
export const GAUGES: readonly GaugeName[] = [
  'SourcesFailing',
  'SourcesStalled',
  'SourcesStale',
  'EventsUnsent',
  'DocumentsRefused',
];
const COUNTS: readonly CountName[] = ['WebhooksRefused', 'StartFailed', 'NotTold'];

/** What each deploy tells. `DeployFailed` is a gauge: 1 while it has failed for good, 0 once it has not, at each visit that tells. */
export type DeployMetricName = 'Deployed' | 'DeployFailed';

const METERED: ReadonlySet<string> = new Set<string>([
  ...GAUGES,
  ...COUNTS,
  'DeployFailed' satisfies DeployMetricName,
]);

export const METRIC_NAMESPACE = 'Landfall';
/** Which installation. */
export const METRIC_DIMENSION = 'Bucket';
/** Beside it, where a namespace has stale sources. */
const NAMESPACE_DIMENSION = 'Namespace';
/** Of a deploy, beside its installation: two stacks that deploy from one store elsewhere may each have one of the same name. */
const STACK_DIMENSION = 'Stack';
const DEPLOY_DIMENSION = 'Deploy';
/** Where it is of one source alone: an entry for several is a deploy for each. */
const SOURCE_DIMENSION = 'Source';

/** Names and values, in the order that alarms name them in. */
type Dimensions = Readonly<Record<string, string>>;

/** Counts of one invocation, written as one line of CloudWatch's embedded metric format: no call, no agent. */
export interface Metrics<Name extends string = MetricName> {
  add(name: Name, count?: number): void;
  /** Writes what was added since the last time; nothing where nothing was. */
  flush(): void;
}

interface Writing {
  readonly now: () => number;
  readonly write: (line: string) => void;
  /** What a line has beside its counts, and is no dimension. */
  readonly facts?: () => Readonly<Record<string, string | undefined>>;
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
function metricsOf<Name extends string>(
  dimensions: Dimensions,
  { now, write, facts = () => ({}) }: Writing,
): Metrics<Name> {
  let counts = new Map<Name, number>();
  return {
    add: (name, count = 1) => void counts.set(name, (counts.get(name) ?? 0) + count),
    flush: () => {
      if (counts.size === 0) return;
      const metered = [...counts.keys()].filter((name) => METERED.has(name));
      const Metrics = metered.map((Name) => ({ Name, Unit: 'Count' }));
      const directive = { Namespace: METRIC_NAMESPACE, Dimensions: [Object.keys(dimensions)], Metrics };
      write(
        JSON.stringify({
          _aws: { Timestamp: now(), CloudWatchMetrics: metered.length === 0 ? [] : [directive] },
          ...dimensions,
          ...Object.fromEntries(counts),
          ...facts(),
        }),
      );
      counts = new Map();
    },
  };
}

/** @param options.namespace where it is of one namespace alone */
export const createMetrics = ({
  bucket,
  namespace,
  ...writing
}: { readonly bucket: string; readonly namespace?: string } & Writing): Metrics =>
  metricsOf(
    namespace === undefined
      ? { [METRIC_DIMENSION]: bucket }
      : { [METRIC_DIMENSION]: bucket, [NAMESPACE_DIMENSION]: namespace },
    writing,
  );

export interface MeteredDeploy {
  /** Of the store. */
  readonly bucket: string;
  /** Of CloudFormation. */
  readonly stack: string;
  readonly deploy: string;
  /** `namespace/name`; undefined: its metrics are of many sources. */
  readonly source: string | undefined;
}

/** What its metrics are told apart by. */
export const deployDimensions = ({ bucket, stack, deploy, source }: MeteredDeploy): Dimensions => ({
  [METRIC_DIMENSION]: bucket,
  [STACK_DIMENSION]: stack,
  [DEPLOY_DIMENSION]: deploy,
  ...(source !== undefined && { [SOURCE_DIMENSION]: source }),
});

export const createDeployMetrics = (of: MeteredDeploy, writing: Writing): Metrics<DeployMetricName> =>
  metricsOf(deployDimensions(of), writing);
