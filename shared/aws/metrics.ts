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

export const METRIC_NAMESPACE = 'Landfall';
/** The one dimension: which installation. */
export const METRIC_DIMENSION = 'Bucket';

/** Counts of one invocation, written as one line of CloudWatch's embedded metric format: no call, no agent. */
export interface Metrics {
  add(name: MetricName, count?: number): void;
  /** Writes what was added since the last time; nothing where nothing was. */
  flush(): void;
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
export function createMetrics({
  bucket,
  now,
  write,
}: {
  readonly bucket: string;
  readonly now: () => number;
  readonly write: (line: string) => void;
}): Metrics {
  let counts = new Map<MetricName, number>();
  return {
    add: (name, count = 1) => void counts.set(name, (counts.get(name) ?? 0) + count),
    flush: () => {
      if (counts.size === 0) return;
      const Metrics = [...counts.keys()].map((Name) => ({ Name, Unit: 'Count' }));
      const directive = { Namespace: METRIC_NAMESPACE, Dimensions: [[METRIC_DIMENSION]], Metrics };
      write(
        JSON.stringify({
          _aws: { Timestamp: now(), CloudWatchMetrics: [directive] },
          [METRIC_DIMENSION]: bucket,
          ...Object.fromEntries(counts),
        }),
      );
      counts = new Map();
    },
  };
}
