import { type Quirk, withChallenge, withHeader } from '../quirk.ts';
import { refuse, reply } from '../reply.ts';

const MANIFEST = /\/manifests\//;
const BLOB = /\/blobs\/(sha256:[0-9a-f]{64})$/;
/** maxResults of ListImages. */
const MOST_TAGS = 1000;

/**
 * Private ECR: Basic, the digest of a manifest with HEAD alone, every layer behind 307 in S3, no more than 1,000 tags
 * a page.
 * @param storage origin of what stands for S3
 * @see https://github.com/aws/containers-roadmap/issues/1931
 */
export const ecr = (storage: string): Quirk => ({
  answer: ({ path, query }) =>
    path.endsWith('/tags/list') && Number(query.get('n') ?? 0) > MOST_TAGS
      ? refuse(405, 'UNSUPPORTED', `Invalid parameter at 'maxResults' failed to satisfy constraint`)
      : undefined,
  alter: (given, { method, path }, { url }) => {
    const challenged = withChallenge(given, `Basic realm="${url}/",service="ecr.amazonaws.com"`);
    if (method !== 'GET' || given.status !== 200) return challenged;
    const [, digest] = BLOB.exec(path) ?? [];
    if (digest !== undefined) {
      return reply(307, { Location: `${storage}/${digest}?X-Amz-Signature=0a%2Fb&X-Amz-Expires=3600` });
    }
    return MANIFEST.test(path) ? withHeader(given, { 'Docker-Content-Digest': undefined }) : given;
  },
});

/**
 * ECR Public: no digest header at all. Its expired tokens are the embedded registry's own (registry-auth.ts).
 * @see https://github.com/aws/containers-roadmap/issues/2835
 */
export const ecrPublic = (): Quirk => ({
  alter: (given, { path }) =>
    MANIFEST.test(path) ? withHeader(given, { 'Docker-Content-Digest': undefined }) : given,
});
