/**
 * Events of ECR with the fields of the samples in its user guide, "Amazon ECR events and EventBridge", as it was in
 * 2026: place, repository and digest are ours, every other field and value is AWS's.
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
 */
export type EcrEvent = Readonly<Record<string, unknown>>;

export interface EcrOrigin {
  readonly account: string;
  readonly region: string;
  readonly repository: string;
  readonly tag: string;
}

export interface EcrSample {
  /** The heading in the guide. */
  readonly name: string;
  readonly event: EcrEvent;
  /** Which rule takes it and so what it means: a reconcile; none: it is ignored. */
  readonly rule?: 'RulesEcrPushes' | 'RulesEcrPullsThrough';
}

const DIGEST = `sha256:${'7f5b2640'.repeat(8)}`;
const MEDIA_TYPES = {
  'manifest-media-type': 'application/vnd.oci.image.manifest.v1+json',
  'artifact-media-type': 'application/vnd.oci.image.config.v1+json',
};
const SBOM_TYPES = {
  'manifest-media-type': 'application/vnd.cncf.oras.artifact.manifest.v1+json',
  'artifact-media-type': 'text/sbom+json',
};

/** Every sample of the guide, of this place. */
export function ecrSamples({ account, region, repository, tag }: EcrOrigin): readonly EcrSample[] {
  const arn = `arn:aws:ecr:${region}:${account}:repository/${repository}`;
  const event = (type: string, detail: EcrEvent, resources: readonly string[] = []): EcrEvent => ({
    version: '0',
    id: '13cde686-328b-6117-af20-0e5566167482',
    'detail-type': type,
    source: 'aws.ecr',
    account,
    time: '2026-11-16T01:54:34Z',
    region,
    resources,
    detail,
  });
  const image = { 'repository-name': repository, 'image-digest': DIGEST };
  const tagged = { result: 'SUCCESS', ...image, 'image-tag': tag };
  const from = { 'source-account': account, 'source-region': 'us-west-2' };
  const stored = (action: string, more: EcrEvent = MEDIA_TYPES): EcrEvent => ({
    ...{ 'action-type': 'UPDATE_STORAGE_CLASS', 'target-storage-class': action },
    ...{ ...image, result: 'SUCCESS', ...more },
  });
  const restored = { 'last-activated-at': '2025-10-10T19:13:02.74Z' };
  const cached = {
    ...{ 'rule-version': '1', 'sync-status': 'SUCCESS', 'ecr-repository-prefix': 'docker-hub' },
    ...{ 'repository-name': repository, 'upstream-registry-url': 'public.ecr.aws' },
    ...{ 'image-tag': tag, 'image-digest': DIGEST },
  };
  const pushed = { ...tagged, 'action-type': 'PUSH' };
  return [
    {
      name: 'a completed image push',
      event: event('ECR Image Action', pushed),
      rule: 'RulesEcrPushes',
    },
    {
      name: 'a pull through cache action',
      event: event('ECR Pull Through Cache Action', cached, [arn]),
      rule: 'RulesEcrPullsThrough',
    },
    {
      name: 'a completed image scan (basic scanning)',
      event: event(
        'ECR Image Scan',
        {
          ...{ 'scan-status': 'COMPLETE', ...image, 'image-tags': [] },
          'finding-severity-counts': { CRITICAL: 10, MEDIUM: 9 },
        },
        [arn],
      ),
    },
    {
      name: 'a change notification on a resource with enhanced scanning enabled',
      event: event('ECR Scan Resource Change', {
        'action-type': 'SCAN_FREQUENCY_CHANGE',
        repositories: [
          {
            ...{ 'repository-name': repository, 'repository-arn': arn },
            ...{ 'scan-frequency': 'SCAN_ON_PUSH', 'previous-scan-frequency': 'MANUAL' },
          },
        ],
        ...{ 'resource-type': 'REPOSITORY', 'scan-type': 'ENHANCED' },
      }),
    },
    {
      name: 'an image deletion',
      event: event('ECR Image Action', { ...tagged, 'action-type': 'DELETE' }),
    },
    { name: 'an image archival action', event: event('ECR Image Action', stored('ARCHIVE')) },
    {
      name: 'an image restore action',
      event: event('ECR Image Action', stored('STANDARD', { ...MEDIA_TYPES, ...restored })),
      rule: 'RulesEcrPushes',
    },
    {
      name: 'a referrer restore action',
      event: event('ECR Referrer Action', stored('STANDARD', { ...SBOM_TYPES, ...restored })),
    },
    {
      name: 'a completed image replication',
      event: event('ECR Replication Action', { ...tagged, ...from, 'action-type': 'REPLICATE' }, [arn]),
      rule: 'RulesEcrPushes',
    },
    {
      name: 'a failed image replication',
      event: event(
        'ECR Replication Action',
        { ...tagged, ...from, result: 'FAILED', 'action-type': 'REPLICATE' },
        [arn],
      ),
    },
  ];
}

/** One of them, by its heading; with other fields in its detail, undefined for none. */
export function ecrSample(name: string, place: EcrOrigin, detail: EcrEvent = {}): EcrEvent {
  const found = ecrSamples(place).find((sample) => sample.name === name);
  if (found === undefined) throw new Error(`the guide has no sample of ${name}`);
  return { ...found.event, detail: { ...(found.event['detail'] as EcrEvent), ...detail } };
}

/**
 * The call that a push ends with, in the envelope that EventBridge gives what CloudTrail records; the manifests in it are
 * left out.
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/logging-using-cloudtrail.html
 */
export const putImageSample = (
  { account, region, repository, tag }: EcrOrigin,
  detail: EcrEvent = {},
): EcrEvent => ({
  version: '0',
  id: '2bfd4ee2-2178-4a82-a27d-b12939923f0f',
  'detail-type': 'AWS API Call via CloudTrail',
  source: 'aws.ecr',
  account,
  time: '2026-11-16T01:54:34Z',
  region,
  resources: [],
  detail: {
    ...{ eventVersion: '1.04', eventTime: '2026-11-16T01:54:33Z', eventSource: 'ecr.amazonaws.com' },
    ...{ eventName: 'PutImage', awsRegion: region, eventType: 'AwsApiCall', recipientAccountId: account },
    requestParameters: { repositoryName: repository, imageTag: tag, registryId: account },
    responseElements: {
      image: {
        repositoryName: repository,
        registryId: account,
        imageId: { imageDigest: DIGEST, imageTag: tag },
      },
    },
    ...detail,
  },
});
