import { randomUUID } from 'node:crypto';
import type { S3Change } from '../../../aws-stand-ins/s3/s3-bucket.ts';
import { type Json, mapAt } from './json.ts';

/** Whether a bucket tells EventBridge of its objects. */
export const tellsEventBridge = (properties: Json): boolean => {
  const notifications = mapAt(properties, 'NotificationConfiguration') ?? {};
  const configuration = mapAt(notifications, 'EventBridgeConfiguration');
  return configuration !== undefined && configuration['EventBridgeEnabled'] !== false;
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
export function bucketEvent(bucket: string, { kind, key, object }: S3Change): Json {
  const isCreated = kind === 'created';
  return {
    source: 'aws.s3',
    'detail-type': isCreated ? 'Object Created' : 'Object Deleted',
    time: new Date().toISOString(),
    resources: [`arn:aws:s3:::${bucket}`],
    detail: {
      version: '0',
      bucket: { name: bucket },
      object: {
        key,
        ...(isCreated && { size: object.bytes.length, etag: object.etag.replaceAll('"', '') }),
        sequencer: Date.now().toString(16).toUpperCase(),
      },
      'request-id': randomUUID(),
      requester: 'template-host',
      'source-ip-address': '127.0.0.1',
      reason: isCreated ? 'PutObject' : 'DeleteObject',
    },
  };
}
