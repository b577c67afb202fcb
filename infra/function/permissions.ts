import type { Stack } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { LOCKS_PREFIX, USES_PREFIX } from '../../shared/aws/s3/layout.ts';
import type { Configuration } from '../../shared/source/source.ts';
import {
  ARTIFACTS_PREFIX,
  CONFIGURATION_KEY,
  DEPLOYS_PREFIX,
  DOCUMENTS_PREFIX,
  HELD_KEY,
  NOTIFY_PREFIX,
  SOURCES_PREFIX,
  sweepKey,
  TRIGGERS_KEY,
  VERSION_KEY,
} from '../../shared/store/layout.ts';
import type { Reach } from '../landfall-props.ts';
import type { Permission } from '../permission.ts';
import {
  AS_GIVEN,
  credentialSecrets,
  ecrPermissions,
  federationPermissions,
  notifySecrets,
  receiverSecrets,
  secretPermissions,
  topicPermissions,
} from './reach.ts';

/** What the functions work with. */
export interface Surroundings {
  readonly stack: Stack;
  readonly bucket: Bucket;
  readonly bus: EventBus;
  readonly queue: Queue;
  readonly encryptionKey: IKey | undefined;
  readonly configuration: Configuration;
  readonly reach: Reach;
}

/** `sweeps/*.json`. */
const SWEEPS = sweepKey('*');

/** The commit record of any artifact. */
const RECORDS = `${ARTIFACTS_PREFIX}*/artifact.json`;

const under = ({ bucket }: Surroundings, ...prefixes: readonly string[]): readonly string[] =>
  prefixes.map((prefix) => bucket.arnForObjects(prefix.endsWith('/') ? `${prefix}*` : prefix));

/**
 * Who may not list is told 403 for a key that is not there, not 404. Not narrowed to prefixes: reading one object has
 * none to compare, and so would be told 403 again.
 */
const list = ({ bucket }: Surroundings): Permission => ({
  actions: ['s3:ListBucket'],
  resources: [bucket.bucketArn],
});

/** Keys are made of names and digests that are not known beforehand. */
const onObjects = (
  surroundings: Surroundings,
  actions: readonly string[],
  prefixes: readonly string[],
): Permission => ({
  actions,
  resources: under(surroundings, ...prefixes),
  why: 'Keys under a prefix of the store are made of names and digests',
});

const read = (surroundings: Surroundings, ...prefixes: readonly string[]): Permission =>
  onObjects(surroundings, ['s3:GetObject'], prefixes);

const enqueue = ({ queue }: Surroundings): Permission => ({
  actions: ['sqs:SendMessage'],
  resources: [queue.queueArn],
});

const decrypt = ({ encryptionKey }: Surroundings, ...more: readonly string[]): readonly Permission[] =>
  encryptionKey === undefined
    ? []
    : [{ actions: ['kms:Decrypt', ...more], resources: [encryptionKey.keyArn] }];

/** Reads which receivers there are and their secrets, and nothing of the store, of which it may not even list the keys: it is public. */
export const receivePermissions = (surroundings: Surroundings): readonly Permission[] => [
  read(surroundings, TRIGGERS_KEY),
  ...decrypt(surroundings, 'kms:GenerateDataKey'),
  enqueue(surroundings),
  ...secretPermissions(surroundings.stack, receiverSecrets(surroundings.configuration), {
    reach: surroundings.reach,
    reader: 'receivers',
  }),
];

const assumedRoles = ({ configuration, reach }: Surroundings): readonly string[] => {
  const named = configuration.credentials.flatMap(({ role }) => (role === undefined ? [] : [role]));
  return [...new Set([...named, ...(reach.roleArns ?? [])])].toSorted();
};

const assuming = (resources: readonly string[], { externalId }: Reach): Permission => ({
  actions: ['sts:AssumeRole'],
  resources,
  why: AS_GIVEN,
  ...(externalId !== undefined && { conditions: { StringEquals: { 'sts:ExternalId': externalId } } }),
});

/** What registries want to see, of the documents' credentials. */
const registryPermissions = (surroundings: Surroundings): readonly Permission[] => {
  const { stack, configuration, reach } = surroundings;
  const roles = assumedRoles(surroundings);
  return [
    ...ecrPermissions(stack, configuration, reach),
    ...(roles.length > 0 ? [assuming(roles, reach)] : []),
    ...secretPermissions(stack, credentialSecrets(configuration), { reach, reader: 'credentials' }),
    ...federationPermissions(configuration, reach),
  ];
};

/**
 * Asks registries, reads statuses, and remembers what it read. Documents it makes anew only where there is no
 * configuration that it can read, as after an update.
 */
export const pollPermissions = (surroundings: Surroundings): readonly Permission[] => {
  const written = [CONFIGURATION_KEY, TRIGGERS_KEY, SWEEPS, VERSION_KEY];
  return [
    read(surroundings, ...written, SOURCES_PREFIX, DOCUMENTS_PREFIX),
    list(surroundings),
    onObjects(surroundings, ['s3:PutObject'], written),
    ...decrypt(surroundings, 'kms:GenerateDataKey'),
    enqueue(surroundings),
    ...registryPermissions(surroundings),
  ];
};

/** The one that reads documents, writes artifacts and statuses, and emits. */
export const reconcilePermissions = (surroundings: Surroundings): readonly Permission[] => {
  const { bus } = surroundings;
  const written = [
    ...[ARTIFACTS_PREFIX, LOCKS_PREFIX, USES_PREFIX, SOURCES_PREFIX],
    ...[CONFIGURATION_KEY, TRIGGERS_KEY, SWEEPS, VERSION_KEY],
  ];
  return [
    read(surroundings, ...written, DOCUMENTS_PREFIX),
    list(surroundings),
    onObjects(surroundings, ['s3:PutObject'], written),
    onObjects(surroundings, ['s3:AbortMultipartUpload', 's3:DeleteObject'], [ARTIFACTS_PREFIX, LOCKS_PREFIX]),
    ...decrypt(surroundings, 'kms:GenerateDataKey'),
    enqueue(surroundings),
    { actions: ['events:PutEvents'], resources: [bus.eventBusArn] },
    ...registryPermissions(surroundings),
  ];
};

/**
 * Deletes what nothing names any more; old versions stay for as long as the bucket keeps them. A record that somebody
 * asked for at the last moment it puts back.
 */
export const collectPermissions = (surroundings: Surroundings): readonly Permission[] => {
  const deleted = [ARTIFACTS_PREFIX, LOCKS_PREFIX, USES_PREFIX];
  return [
    read(surroundings, ...deleted, SOURCES_PREFIX, DEPLOYS_PREFIX, VERSION_KEY),
    list(surroundings),
    { actions: ['s3:ListBucketMultipartUploads'], resources: [surroundings.bucket.bucketArn] },
    onObjects(surroundings, ['s3:PutObject'], [RECORDS, LOCKS_PREFIX, VERSION_KEY, HELD_KEY]),
    onObjects(surroundings, ['s3:DeleteObject'], [...deleted, HELD_KEY]),
    onObjects(surroundings, ['s3:AbortMultipartUpload'], [ARTIFACTS_PREFIX]),
    ...decrypt(surroundings, 'kms:GenerateDataKey'),
  ];
};

/** Puts what the stack was given where people put theirs, and takes away what it put there before. */
export const documentsPermissions = (surroundings: Surroundings, bundle: string): readonly Permission[] => [
  { actions: ['s3:GetObject'], resources: [bundle] },
  list(surroundings),
  onObjects(surroundings, ['s3:DeleteObject', 's3:GetObject', 's3:PutObject'], [DOCUMENTS_PREFIX]),
  ...decrypt(surroundings, 'kms:GenerateDataKey'),
  enqueue(surroundings),
];

/** Reads who is to be told and the facts of what it tells, keeps their books, and reads the secrets that they are told with. */
export const notifyPermissions = (surroundings: Surroundings): readonly Permission[] => {
  const { stack, configuration, reach } = surroundings;
  return [
    read(surroundings, CONFIGURATION_KEY, SWEEPS, SOURCES_PREFIX, NOTIFY_PREFIX),
    list(surroundings),
    onObjects(surroundings, ['s3:DeleteObject', 's3:PutObject'], [NOTIFY_PREFIX]),
    ...decrypt(surroundings, 'kms:GenerateDataKey'),
    ...secretPermissions(stack, notifySecrets(configuration), { reach, reader: 'notify' }),
    ...topicPermissions(stack, configuration, reach),
  ];
};
