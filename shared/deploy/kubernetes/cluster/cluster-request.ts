import type { Dispatcher } from 'undici';
import type { Clock } from '../../../clock.ts';
import { LandfallError, messageOf } from '../../../errors.ts';
import { BACKOFF, backoffMs } from '../../../kernel/backoff.ts';
import { cancelled } from '../../../kernel/cancelled.ts';
import { type JsonObject, parseObject } from '../../../kernel/json.ts';
import { KUBERNETES_ANSWER_BYTES } from '../../../limits.ts';
import { deployFailed, deployUnavailable } from '../../kit/failures.ts';
import { withReason } from '../../kit/with-reason.ts';
import { textAt } from '../cluster-object.ts';
import type { ClusterAnswer, ClusterRequest } from './cluster.ts';
import type { ClusterSecrets } from './cluster-secrets.ts';

export interface RequestWays {
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** What kubectl said last. */
  readonly told: () => string;
  /** Of the visit: no answer's message has any. */
  readonly secrets: ClusterSecrets;
}

/** Tries of one request, within a visit. */
const TRIES = 5;
/** The longest that an API server's own wish to be left alone is followed within a visit. */
const MOST_WAIT_MS = 10_000;

/** Also what the proxy answers where the API server does not: what a try did is done again to the same end. */
const isAgain = (status: number, body: ClusterAnswer['body']): boolean =>
  status === 429 ||
  status === 502 ||
  status === 503 ||
  status === 504 ||
  (status === 500 && textAt(body, 'reason') === 'ServerTimeout');

const CHECK =
  'Check kubeconfig and context of the deploy, and that this machine reaches the API server: `kubectl get namespaces` has to work.';

async function textOf(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > KUBERNETES_ANSWER_BYTES)
      throw deployFailed(`the API server answered more than ${KUBERNETES_ANSWER_BYTES} bytes`, {
        hint: 'Look at what is kept in the cluster under the names of this deploy.',
      });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** `299 - "policy/v1beta1 is deprecated"`. @see https://www.rfc-editor.org/rfc/rfc7234#section-5.5 */
const warningsIn = (header: string | readonly string[] | undefined): readonly string[] =>
  [header ?? []]
    .flat()
    .flatMap((each) => [...each.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text));

/** A Status without the secrets that its message repeats. */
const withoutSecrets = (body: JsonObject, secrets: ClusterSecrets): JsonObject => ({
  ...body,
  message: secrets.mask(textAt(body, 'message')),
});

interface Tried extends ClusterAnswer {
  readonly retryAfterMs: number | undefined;
}

async function tryOnce(
  request: ClusterRequest,
  { dispatcher, signal, told, secrets }: RequestWays,
): Promise<Tried> {
  const {
    method,
    path,
    query = {},
    body,
    contentType = 'application/json',
    accept = 'application/json',
  } = request;
  for (const each of [body ?? []].flat()) secrets.note(each);
  const response = await dispatcher.request({
    origin: 'http://localhost',
    path,
    method,
    query,
    signal,
    headers: { accept, ...(body !== undefined && { 'content-type': contentType }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await textOf(response.body);
  const { statusCode: status, headers } = response;
  const parsed = parseObject(text);
  const seconds = Number(headers['retry-after']);
  const retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : undefined;
  if (parsed !== undefined) {
    const warnings = warningsIn(headers['warning']).map((each) => secrets.mask(each));
    secrets.note(parsed);
    return { status, body: status < 400 ? parsed : withoutSecrets(parsed, secrets), warnings, retryAfterMs };
  }
  const why = secrets.mask(text).trim().slice(0, 512) || told().slice(-512);
  if (status >= 500 || status === 429) return { status, body: { message: why }, warnings: [], retryAfterMs };
  // Of a resource that no group has, and of a version that is gone, the API server says so in plain text.
  if (status === 404)
    return { status, body: { message: why, reason: 'NotFound' }, warnings: [], retryAfterMs };
  throw deployFailed(withReason(`${method} ${path} answered ${status} and no object of Kubernetes`, why), {
    hint: CHECK,
  });
}

/** @throws as {@link Cluster.send} */
export async function requestCluster(request: ClusterRequest, ways: RequestWays): Promise<ClusterAnswer> {
  const { clock, signal, told } = ways;
  for (let attempt = 1; ; attempt += 1) {
    let waitMs = backoffMs(BACKOFF.kubernetes, attempt);
    let why: string;
    try {
      const { retryAfterMs, ...answer } = await tryOnce(request, ways);
      if (!isAgain(answer.status, answer.body)) return answer;
      why = withReason(`it answered ${answer.status}`, textAt(answer.body, 'message'));
      waitMs = Math.min(Math.max(waitMs, retryAfterMs ?? 0), MOST_WAIT_MS);
    } catch (cause) {
      if (signal.aborted) throw cancelled(`${request.method} ${request.path}`, signal);
      if (cause instanceof LandfallError) throw cause;
      why = withReason(messageOf(cause), told());
    }
    if (attempt >= TRIES)
      throw deployUnavailable(`the API server cannot be asked (${request.method} ${request.path}): ${why}`, {
        hint: CHECK,
      });
    await clock.sleep(waitMs, signal);
  }
}
