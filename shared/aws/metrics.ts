/** What Landfall counts. Names are stable: alarms and dashboards are made of them. */
export type MetricName =
  | 'Looked'
  | 'Unchanged'
  | 'Landed'
  | 'SourceFailed'
  | 'SourceStalled'
  | 'EmitFailed'
  | 'WebhooksAccepted'
  | 'WebhooksRefused'
  | 'Enqueued'
  | 'DocumentsRefused'
  | 'MessagesRefused'
  | 'StartFailed'
  | 'ArtifactsCollected';

/** What each deploy counts. */
export type DeployMetricName = 'Deployed' | 'DeployFailed';

export const METRIC_NAMESPACE = 'Landfall';
/** The one dimension: which installation, or which of its deploys. */
export const METRIC_DIMENSION = 'Bucket';
export const DEPLOY_METRIC_DIMENSION = 'Deploy';

/** Counts of one invocation, written as one line of CloudWatch's embedded metric format: no call, no agent. */
export interface Metrics<Name extends string = MetricName> {
  add(name: Name, count?: number): void;
  /** Writes what was added since the last time; nothing where nothing was. */
  flush(): void;
}

interface Writing {
  readonly now: () => number;
  readonly write: (line: string) => void;
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
function metricsOf<Name extends string>(
  dimension: string,
  value: string,
  { now, write }: Writing,
): Metrics<Name> {
  let counts = new Map<Name, number>();
  return {
    add: (name, count = 1) => void counts.set(name, (counts.get(name) ?? 0) + count),
    flush: () => {
      if (counts.size === 0) return;
      const Metrics = [...counts.keys()].map((Name) => ({ Name, Unit: 'Count' }));
      const directive = { Namespace: METRIC_NAMESPACE, Dimensions: [[dimension]], Metrics };
      write(
        JSON.stringify({
          _aws: { Timestamp: now(), CloudWatchMetrics: [directive] },
          [dimension]: value,
          ...Object.fromEntries(counts),
        }),
      );
      counts = new Map();
    },
  };
}

export const createMetrics = ({ bucket, ...writing }: { readonly bucket: string } & Writing): Metrics =>
  metricsOf(METRIC_DIMENSION, bucket, writing);

/** @param deploy its name */
export const createDeployMetrics = ({
  deploy,
  ...writing
}: { readonly deploy: string } & Writing): Metrics<DeployMetricName> =>
  metricsOf(DEPLOY_METRIC_DIMENSION, deploy, writing);
