/** Where a deploy runs. In the construct these may be tokens of the CDK: put them into strings, and take none apart. */
export interface DeployOrigin {
  /** `aws`, `aws-cn`, … */
  readonly partition: string;
  readonly account: string;
  readonly region: string;
  /** Of the store. */
  readonly bucket: string;
}

/** One statement of the least role of a deploy; always `Allow`. */
export interface DeployPermission {
  /** `cloudformation:CreateChangeSet`. No wildcards. */
  readonly actions: readonly [string, ...string[]];
  /** ARNs, with wildcards where they have to be. */
  readonly resources: readonly [string, ...string[]];
  /** As in IAM: operator, key, values. */
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** An EventBridge pattern of the events that every target of a kind sends to the default bus. */
export interface TargetEvents {
  readonly source: readonly string[];
  readonly 'detail-type': readonly unknown[];
}

/** Of those, the ones of one deploy's target: they have it look at once. */
export interface WakePattern extends TargetEvents {
  readonly resources?: readonly unknown[];
  readonly detail?: Readonly<Record<string, unknown>>;
}
