import { LandfallError, messageOf } from '../../errors.ts';
import { deployFailed, deployUnavailable } from '../kit/failures.ts';
import { told } from './git-answer.ts';

/** The library's own code of what it throws. */
export const gitCode = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;

/** What the library throws of an answer that it cannot read. Ours, of requests, pass through it. */
function unreadable(deploy: string, error: unknown): LandfallError {
  if (error instanceof LandfallError) return error;
  return deployUnavailable(
    `deploy ${deploy}: what the repository sent cannot be read: ${told(messageOf(error))}`,
    {
      cause: error,
      hint: 'It is tried again by itself; `git fsck` at the repository says whether it is sound.',
    },
  );
}

/** What is read of a repository, whose objects may be missing or none. @throws LandfallError DEPLOY_UNAVAILABLE */
export async function readable<T>(deploy: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    throw unreadable(deploy, error);
  }
}

/** Of a push that another was faster than: by the library, by receive-pack, and by what GitHub and GitLab say. */
const MOVED =
  /not-fast-forward|non-fast-forward|fetch first|stale info|failed to (?:update|lock)|cannot lock ref|incorrect old value|already exists|reference already/i;

/** What a server answered of the branch that it did not take; empty: it said nothing of it. */
function reasonOf(error: unknown): string {
  const code = gitCode(error);
  if (code === 'PushRejectedError') return 'not-fast-forward';
  return code === 'GitPushError' ? messageOf(error) : '';
}

/** What a push ended with. Undefined: somebody else has pushed meanwhile. */
export function pushFault(
  error: unknown,
  { deploy, branch, said }: { readonly deploy: string; readonly branch: string; readonly said: string },
): LandfallError | undefined {
  const reason = reasonOf(error);
  if (reason === '') return unreadable(deploy, error);
  if (MOVED.test(reason) && !/hook declined/i.test(reason)) return undefined;
  const why = told(reason.replace(/^.*?refs\/heads\/[^:]*: /s, ''));
  const hooks = said === '' ? '' : `; it said: ${said}`;
  return deployFailed(`deploy ${deploy}: the push to branch ${branch} was refused: ${why}${hooks}`, {
    hint: 'Let the user of the credential push to this branch, or name another branch; then: landfall replay SOURCE --deploy NAME',
  });
}
