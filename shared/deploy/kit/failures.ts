import { LandfallError } from '../../errors.ts';

interface FailureFacts {
  /** What to do next. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** For good: this revision is not tried again until something changes. The message says what was wanted and what was got. */
export const deployFailed = (message: string, facts: FailureFacts = {}): LandfallError =>
  new LandfallError('DEPLOY_FAILED', message, facts);

/** Of a kind that sends others to the files, and has them read what is packed. */
export const needsFolder = (deploy: string): LandfallError =>
  deployFailed(`deploy ${deploy}: the files of its source are packed, and it needs a folder of them`, {
    hint: 'Give the source `layout: tree`: its next reconcile lands the same revision so.',
  });

/** For now: tried again by itself. */
export const deployUnavailable = (message: string, facts: FailureFacts = {}): LandfallError =>
  new LandfallError('DEPLOY_UNAVAILABLE', message, facts);

/** The service's own code of a call that `aws.call` made, e.g. `ChangeSetNotFoundException`; undefined for all else. */
export function awsCode(error: unknown): string | undefined {
  const code = error instanceof LandfallError ? error.detail['aws'] : undefined;
  return typeof code === 'string' ? code : undefined;
}
