import type { S3Head } from './s3-request.ts';

export type S3Operation =
  | 'PutObject'
  | 'CopyObject'
  | 'GetObject'
  | 'HeadObject'
  | 'DeleteObject'
  | 'DeleteObjects'
  | 'ListObjectsV2'
  | 'HeadBucket'
  | 'GetBucketLocation'
  | 'CreateMultipartUpload'
  | 'UploadPart'
  | 'CompleteMultipartUpload'
  | 'AbortMultipartUpload'
  | 'ListMultipartUploads'
  | 'Unknown';

function objectOperation({ method, query, headers }: S3Head): S3Operation {
  const isUpload = query.has('uploadId');
  switch (method) {
    case 'GET':
      return 'GetObject';
    case 'HEAD':
      return 'HeadObject';
    case 'DELETE':
      return isUpload ? 'AbortMultipartUpload' : 'DeleteObject';
    case 'POST':
      return query.has('uploads')
        ? 'CreateMultipartUpload'
        : isUpload
          ? 'CompleteMultipartUpload'
          : 'Unknown';
    case 'PUT':
      return isUpload
        ? 'UploadPart'
        : headers['x-amz-copy-source'] === undefined
          ? 'PutObject'
          : 'CopyObject';
    default:
      return 'Unknown';
  }
}

function bucketOperation({ method, query }: S3Head): S3Operation {
  if (method === 'HEAD') return 'HeadBucket';
  if (method === 'POST' && query.has('delete')) return 'DeleteObjects';
  if (method !== 'GET') return 'Unknown';
  if (query.has('uploads')) return 'ListMultipartUploads';
  if (query.has('location')) return 'GetBucketLocation';
  return query.get('list-type') === '2' ? 'ListObjectsV2' : 'Unknown';
}

export const operationOf = (head: S3Head): S3Operation =>
  head.key === '' ? bucketOperation(head) : objectOperation(head);
