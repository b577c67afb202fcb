import { type Quirk, withChallenge, withHeader, withNext } from '../quirk.ts';
import type { RegistryRequest } from '../registry-request.ts';
import { refuse } from '../reply.ts';

function withQuery(request: RegistryRequest, changes: Readonly<Record<string, string>>): RegistryRequest {
  const query = new URLSearchParams(request.query);
  for (const [name, value] of Object.entries(changes)) query.set(name, value);
  return { ...request, query };
}

const TAGS = /\/tags\/list$/;

/** Quay: no scope in its challenge, and pages by an opaque token. */
export const quay = (): Quirk => ({
  read: (request) => {
    const token = request.query.get('next_page');
    if (token === null) return request;
    return withQuery(request, { last: Buffer.from(token, 'base64url').toString(), n: '1000' });
  },
  alter: (given, { path }, { url, host }) => {
    const challenged = withChallenge(given, `Bearer realm="${url}/token",service="${host}"`);
    return withNext(challenged, (next) => {
      const last = new URL(next, url).searchParams.get('last') ?? '';
      return `${path}?next_page=${Buffer.from(last).toString('base64url')}`;
    });
  },
});

/**
 * Artifactory: its Link leaves out the virtual repository, the first component of the name.
 * @see https://jfrog.atlassian.net/browse/RTFACT-18971
 */
export const artifactory = (): Quirk => ({
  alter: (given) =>
    withNext(withChallenge(given, 'Basic realm="Artifactory Realm"'), (next) =>
      next.replace(/^\/v2\/[^/]+\//, '/v2/'),
    ),
});

/** Old Artifactory: `last` is a number, and every page the first. */
export const oldArtifactory = (): Quirk => ({
  read: (request) => (request.query.get('last') === '1000' ? withQuery(request, { last: '' }) : request),
  alter: (given) => withNext(given, (next) => next.replace(/\?.*/, '?last=1000&n=1000')),
});

/**
 * Nexus behind a connector's port: an absolute Link with a path that is served on its other port alone.
 * @see https://github.com/sonatype/nexus-public/issues/1011
 */
export const nexus = (): Quirk => ({
  alter: (given, _, { url }) =>
    withNext(
      withChallenge(given, 'BASIC realm="Sonatype Nexus Repository Manager"'),
      (next) => `${url}/repository/docker${next}`,
    ),
});

/** Pages of one tag, however many were asked for, as the specification has come to allow. */
export const shortPages = (): Quirk => ({
  read: (request) => (TAGS.test(request.path) ? withQuery(request, { n: '1' }) : request),
});

/** A repository without tags has `null` for a list. */
export const nullTags = (): Quirk => ({
  alter: (given, { path }) =>
    TAGS.test(path) && given.status === 200
      ? withHeader({ ...given, body: Buffer.from('{"name":"x","tags":null}') }, { Link: undefined })
      : given,
});

/** An account that may pull, and not list. */
export const noLists = (): Quirk => ({
  answer: ({ path, headers }) =>
    TAGS.test(path) && headers.authorization !== undefined
      ? refuse(403, 'DENIED', 'requested access to the resource is denied')
      : undefined,
});
