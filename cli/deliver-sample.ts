import { LandfallError } from '../shared/errors.ts';
import { SAMPLE_TIMEOUT_MS } from '../shared/limits.ts';
import type { Sample } from '../shared/trigger/receivers/senders/sender.ts';

/** Who answers so is no receiver of ours, or cannot take it now. */
const REFUSALS = {
  401: ['WEBHOOK_UNAUTHENTICATED', 'its secret is another one', undefined],
  404: [
    'RECEIVER_NOT_FOUND',
    'no receiver has that path',
    'Give -f the documents of serve: name, type and secret make the path. A secret that was changed in its file is read once the documents change: else start serve again.',
  ],
  413: ['WEBHOOK_TOO_LARGE', 'the sample is too large', undefined],
  503: ['QUEUE_UNAVAILABLE', 'it cannot take it now', undefined],
} as const;

const isRefusal = (status: number): status is keyof typeof REFUSALS => Object.hasOwn(REFUSALS, status);

/** The URL without the path, which is as good as the secret. */
const hostOf = (url: string): string => new URL(url).origin;

function refusal(url: string, status: number): LandfallError {
  const [code, why, hint] = isRefusal(status)
    ? REFUSALS[status]
    : (['RECEIVER_UNREACHABLE', 'which no receiver says', undefined] as const);
  const message = `${hostOf(url)} answered ${status} to a sample: ${why}`;
  return new LandfallError(code, message, hint === undefined ? {} : { hint });
}

/**
 * POSTs a sample to a receiver, which takes it with 202.
 * @throws LandfallError RECEIVER_UNREACHABLE, RECEIVER_NOT_FOUND, WEBHOOK_UNAUTHENTICATED, QUEUE_UNAVAILABLE
 */
export async function deliverSample(url: string, sample: Sample, signal: AbortSignal): Promise<void> {
  const timeout = AbortSignal.timeout(SAMPLE_TIMEOUT_MS);
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'landfall', ...sample.headers },
      body: sample.body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, timeout]),
    });
    await response.body?.cancel();
  } catch (cause) {
    signal.throwIfAborted();
    const why = timeout.aborted ? `did not answer within ${SAMPLE_TIMEOUT_MS / 1000} s` : 'cannot be reached';
    throw new LandfallError('RECEIVER_UNREACHABLE', `${hostOf(url)} ${why}`, { cause });
  }
  if (response.status !== 202) throw refusal(url, response.status);
}
