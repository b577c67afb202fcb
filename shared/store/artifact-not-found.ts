import { LandfallError } from '../errors.ts';

/** `what` is a key. */
export const artifactNotFound = (what: string): LandfallError =>
  new LandfallError('ARTIFACT_NOT_FOUND', `store: ${what} is not in a committed artifact`, {
    hint: 'List what is there with `landfall get artifacts`; a reconcile lands a missing revision again.',
  });
