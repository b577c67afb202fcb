import { LandfallError } from '../errors.ts';
import type { Revision, Status } from '../model/status.ts';

const isNamed = ({ revision, digest, tag }: Revision, to: string): boolean => {
  if (revision === to || digest === to || tag === to) return true;
  // As `history` prints it, a digest is its start and a sign that it goes on.
  const start = to.replace(/^sha256:/, '').replace(/…$/, '');
  return start !== '' && digest.slice('sha256:'.length).startsWith(start);
};

/**
 * The revision of the history that a person names: by a tag, a digest, the start of its hex, or `<tag>@<digest>`.
 * @param withCurrent what is current can be named, too
 * @throws LandfallError REVISION_NOT_FOUND naming what there is
 */
export function selectRevision(
  { namespace, name, current, history }: Status,
  to: string,
  { withCurrent = false } = {},
): Revision {
  const known = withCurrent && current !== null ? [current, ...history] : history;
  const matches = known.filter((revision) => isNamed(revision, to));
  const [newest] = matches;
  const isUnique = new Set(matches.map(({ digest }) => digest)).size === 1;
  if (newest !== undefined && isUnique) return newest;
  const there = known.map(({ revision }) => revision).join(', ') || 'no earlier revision';
  const isCurrent = !withCurrent && current !== null && isNamed(current, to);
  const none = isCurrent ? 'is current already, and names none' : 'names no revision';
  const what = newest === undefined ? none : 'names several revisions';
  throw new LandfallError(
    'REVISION_NOT_FOUND',
    `${JSON.stringify(to)} ${what} in the history of ${namespace}/${name}, which holds ${there}`,
    { hint: `See: landfall history ${namespace}/${name}` },
  );
}
