import type { Readable } from 'node:stream';
import type { LandfallError } from '../errors.ts';
import { ERROR_BODY_BYTES } from '../limits.ts';
import type { Repository } from '../oci/reference.ts';
import {
  type Authorization,
  type AuthorizeDeps,
  type AuthorizeInput,
  answerChallenge,
  authorize,
  introduce,
  replaceExpired,
} from './auth/authorization.ts';
import { foreignToken } from './auth/foreign-token.ts';
import type { Endpoint, EndpointOf } from './endpoint.ts';
import { discard, readUpTo } from './http/body.ts';
import { headerOf } from './http/header-text.ts';
import { formatHop, type Hop } from './http/hop.ts';
import { headersAcross, isRedirect, nextHop } from './http/redirect.ts';
import type { RequestBody } from './http/upload-body.ts';
import type { Subject } from './manners/error-table.ts';
import { retrying } from './manners/retry.ts';
import { type RefusedAnswer, refusal } from './refusal.ts';
import { dispatch, type Method } from './wire.ts';

/** One request of the distribution API. */
export interface Exchange {
  readonly method: Method;
  readonly repository: Repository;
  /** Where it is, if whoever asks knows that already. */
  readonly endpoint?: Endpoint;
  /** From `/v2/` on, with query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: RequestBody;
  readonly access: 'pull' | 'pull,push' | 'login';
  /** Another repository of the registry, from which it is mounted. */
  readonly alsoPull?: string;
  readonly subject: Subject;
  /** Names what is asked for in errors: `manifest oci://…:tag`. */
  readonly what: string;
  readonly signal: AbortSignal | undefined;
  /** False: a redirect is an answer. */
  readonly follow: boolean;
}

/** As they came, names in lower case. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** The head of a final response; its body is still to be read or discarded. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readable;
  /** Where it came from in the end. */
  readonly hop: Hop;
  /** Made by another origin than the registry's. */
  readonly foreign: boolean;
  /** What that origin was sent: a token that it gave to anybody. */
  readonly foreignToken?: string;
}

export interface ExchangeDeps extends AuthorizeDeps {
  readonly endpointOf: EndpointOf;
}

/**
 * Sends one request and follows its redirects, on which authorization stays behind as soon as the origin changes: a
 * registry that is redirected to is asked as anybody asks it.
 */
async function travel(
  exchange: Exchange,
  attempt: number,
  authorization: Authorization,
  input: AuthorizeInput,
  deps: ExchangeDeps,
): Promise<Answer> {
  const { endpoint } = input;
  const { wire } = deps;
  const { method, body, signal } = exchange;
  const given: string[] = [];
  let headers: Readonly<Record<string, string>> = {
    'accept-encoding': 'identity',
    ...exchange.headers,
    ...(authorization.kind !== 'none' && { authorization: authorization.header }),
  };
  let hop: Hop = {
    origin: endpoint.origin,
    hostname: endpoint.hostname,
    secure: endpoint.secure,
    path: exchange.path,
  };
  for (let hops = 0; ; ) {
    const home = hop.origin === endpoint.origin;
    const request = { method, headers, signal, attempt, ...(body && { body }) };
    const response = await dispatch(request, hop, endpoint, wire);
    const { statusCode: status } = response;
    if (exchange.follow && isRedirect(status)) {
      discard(response.body);
      const next = nextHop(hop, headerOf(response.headers, 'location'), hops);
      headers = headersAcross(headers, next.origin === hop.origin);
      hop = next;
      hops += 1;
      continue;
    }
    const [last] = given;
    const answer: Answer = {
      status,
      headers: response.headers,
      body: response.body,
      hop,
      foreign: !home,
      ...(last !== undefined && { foreignToken: last }),
    };
    const isOpen = home || status !== 401 || exchange.access !== 'pull';
    const asked = isOpen ? undefined : foreignToken(answer, given, input, deps);
    const token = await asked?.catch((error: unknown) => {
      discard(response.body);
      throw error;
    });
    if (token === undefined) return answer;
    discard(response.body);
    given.unshift(token);
    headers = { ...headers, authorization: `Bearer ${token}` };
  }
}

/** The start of an error body: enough to say what was wrong. */
async function readText(answer: Answer, { method, what, signal }: Exchange): Promise<string> {
  if (method === 'HEAD') {
    discard(answer.body);
    return '';
  }
  const { bytes } = await readUpTo(answer.body, ERROR_BODY_BYTES, { what, signal });
  return bytes.toString('utf8');
}

/** A refused answer with the start of its body. */
interface Refused {
  readonly answer: Answer;
  readonly text: string;
  readonly sent: Authorization;
}

type Outcome =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | ({ readonly kind: 'refused' } & Refused);

/** One try: at most two changes of authorization, after a challenge and after an expired token. */
async function attemptOnce(
  exchange: Exchange,
  attempt: number,
  endpoint: Endpoint,
  deps: ExchangeDeps,
): Promise<Outcome> {
  const { repository, signal } = exchange;
  const input: AuthorizeInput = {
    endpoint,
    scope: exchange.access === 'login' ? '' : `repository:${repository.repository}:${exchange.access}`,
    ...(exchange.alsoPull !== undefined && { besides: `repository:${exchange.alsoPull}:pull` }),
    signal,
    attempt,
  };
  let sent = await authorize(input, deps);
  for (let changes = 0; ; changes++) {
    const answer = await travel(exchange, attempt, sent, input, deps);
    const { status } = answer;
    if (status < 400) return { kind: 'answer', answer };
    const text = await readText(answer, exchange);
    const next = changes < 2 ? await renewed(answer, text, sent, input, deps) : undefined;
    if (next === undefined) return { kind: 'refused', answer, text, sent };
    sent = next;
  }
}

async function renewed(
  answer: Answer,
  text: string,
  sent: Authorization,
  input: AuthorizeInput,
  deps: ExchangeDeps,
): Promise<Authorization | undefined> {
  const { status } = answer;
  if (answer.foreign) return undefined;
  if (status === 401) return answerChallenge(answer.headers['www-authenticate'], sent, input, deps);
  const replaced =
    status === 400 || status === 403 ? await replaceExpired({ status, text }, sent, input, deps) : undefined;
  if (replaced || (status !== 403 && status !== 404)) return replaced;
  return introduce(sent, input, deps);
}

/** What the caller makes of an answer. */
export interface AnswerReader<T> {
  /** A status below 400. The body must be read or discarded. */
  accept(answer: Answer): Promise<T> | T;
  /** A status from 400 on that is no failure here, e.g. 404 to "is it there?"; undefined leaves it one. */
  tolerate?(status: number, headers: Headers): T | undefined;
}

/**
 * Makes a request with authorization, redirects and retries, and reads its answer.
 * @throws LandfallError as the table in error-table.ts has it
 */
export async function exchange<T>(
  request: Exchange,
  reading: AnswerReader<T>,
  deps: ExchangeDeps,
): Promise<T> {
  const { wire } = deps;
  const { signal } = request;
  const endpoint = request.endpoint ?? (await deps.endpointOf(request.repository, signal));
  const call = async (attempt: number): Promise<T> => {
    const outcome = await attemptOnce(request, attempt, endpoint, deps);
    if (outcome.kind === 'answer') return reading.accept(outcome.answer);
    const tolerated = reading.tolerate?.(outcome.answer.status, outcome.answer.headers);
    if (tolerated !== undefined) return tolerated;
    throw refused(request, outcome, endpoint, deps);
  };
  return retrying(call, { retry: wire.retry, clock: wire.clock, signal });
}

const headerOfSent = (sent: Authorization): string | undefined =>
  sent.kind === 'none' ? undefined : sent.header;

function refused(
  request: Exchange,
  { answer, text, sent }: Refused,
  endpoint: Endpoint,
  deps: ExchangeDeps,
): LandfallError {
  const { status, headers, hop, foreign } = answer;
  const subject: Subject = foreign && request.subject === 'blob' ? 'storage' : request.subject;
  const said = { status, headers, text, subject, what: request.what, hop };
  const shown = answer.foreignToken === undefined ? headerOfSent(sent) : `Bearer ${answer.foreignToken}`;
  const input: RefusedAnswer = shown === undefined ? said : { ...said, authorization: shown };
  return deps.wire.paces.heed(
    { origin: hop.origin, home: endpoint.origin },
    refusal(input, endpoint, deps.wire.clock),
  );
}

/** For messages: where an answer came from. */
export const sourceOf = ({ hop }: Answer): string => formatHop(hop);
