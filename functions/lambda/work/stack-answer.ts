import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import type { Clock } from '../../../shared/clock.ts';
import { LandfallError } from '../../../shared/errors.ts';
import { BACKOFF, backoffMs } from '../../../shared/kernel/backoff.ts';
import { STACK_ANSWER_TIMEOUT_MS, STACK_REASON_CHARACTERS } from '../../../shared/limits.ts';

/** What CloudFormation waits for. */
export interface StackAnswer {
  readonly status: 'SUCCESS' | 'FAILED';
  readonly physicalResourceId: string;
  /** Shown to whoever deploys. */
  readonly reason?: string;
}

const ATTEMPTS = 5;

async function put(url: string, body: Uint8Array<ArrayBuffer>): Promise<number | undefined> {
  try {
    // Bytes, not text: the presigned URL is for a request without a content type.
    const { status } = await fetch(url, {
      method: 'PUT',
      body,
      signal: AbortSignal.timeout(STACK_ANSWER_TIMEOUT_MS),
    });
    return status;
  } catch {
    return undefined;
  }
}

/**
 * Tells CloudFormation how a custom resource went; unheard, it would wait for an hour.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
 * @throws LandfallError STORE_UNAVAILABLE, without the URL: it is presigned
 */
export async function answerStack(
  { ResponseURL, StackId, RequestId, LogicalResourceId }: CloudFormationCustomResourceEvent,
  { status, physicalResourceId, reason }: StackAnswer,
  { clock }: { readonly clock: Clock },
): Promise<void> {
  const answer = {
    Status: status,
    PhysicalResourceId: physicalResourceId,
    StackId,
    RequestId,
    LogicalResourceId,
    ...(reason !== undefined && { Reason: reason.slice(0, STACK_REASON_CHARACTERS) }),
  };
  const body = new TextEncoder().encode(JSON.stringify(answer));
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const answered = await put(ResponseURL, body);
    if (answered !== undefined && answered < 300) return;
    if (attempt < ATTEMPTS) await clock.sleep(backoffMs(BACKOFF.stackAnswer, attempt));
  }
  throw new LandfallError('STORE_UNAVAILABLE', `CloudFormation took no answer in ${ATTEMPTS} tries`);
}
