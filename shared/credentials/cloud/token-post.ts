import { isLandfallError, LandfallError } from '../../errors.ts';
import { startDeadline } from '../../kernel/deadline.ts';
import { isObject, parseObject } from '../../kernel/json.ts';
import { CLOUD_TOKEN_TIMEOUT_MS, TOKEN_BODY_BYTES } from '../../limits.ts';
import { DEFAULT_TRANSPORT } from '../../registry/client.ts';
import { createAgents } from '../../registry/http/agents.ts';
import { readUpTo } from '../../registry/http/body.ts';
import { networkError } from '../../registry/http/network-error.ts';
import type { Environment } from '../secret.ts';

/** One request to a token service, which is at a fixed place. */
interface TokenForm {
  /** What a message calls the service. */
  readonly what: string;
  /** `https:` always. */
  readonly url: string;
  readonly body: URLSearchParams | Readonly<Record<string, unknown>>;
  readonly bearer?: string;
  /** What to do where it refuses. */
  readonly hint: string;
}

/**
 * Sends it and gives the JSON object of the answer.
 * @throws LandfallError CREDENTIAL_UNREADABLE, REGISTRY_UNAVAILABLE, and as the network fails
 */
export type TokenPost = (form: TokenForm) => Promise<Readonly<Record<string, unknown>>>;

export interface TokenPostOptions {
  /** For proxies. */
  readonly env: Environment;
  /** Stand-ins by the origin they stand for: tests alone have them. They may be local and speak plain HTTP. */
  readonly standIns?: ReadonlyMap<string, string>;
}

const tooLate = ({ what }: TokenForm): LandfallError =>
  new LandfallError('REGISTRY_TIMEOUT', `${what} did not answer within ${CLOUD_TOKEN_TIMEOUT_MS / 1000} s`);

const word = (value: unknown): string | undefined =>
  typeof value === 'string' ? /^[A-Za-z0-9_.-]{1,64}$/.exec(value)?.[0] : undefined;

/**
 * The code of a refusal, and nothing else of it: a description may repeat what was sent. OAuth2's `error`, Google's
 * `error.status`, Entra's number.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2
 */
function codeOf(answer: Readonly<Record<string, unknown>> | undefined): string {
  const error = answer?.['error'];
  const status = isObject(error) ? error['status'] : undefined;
  const numbers = /^AADSTS[0-9]{3,9}/.exec(String(answer?.['error_description'] ?? ''))?.[0];
  return [word(error) ?? word(status), numbers].filter((part) => part !== undefined).join(' ');
}

function refused({ what, hint }: TokenForm, status: number, text: string): LandfallError {
  const passing = status === 429 || status >= 500;
  const code = codeOf(parseObject(text));
  const message = `${what} answered ${status}${code === '' ? '' : ` ${code}`}`;
  return new LandfallError(
    passing ? 'REGISTRY_UNAVAILABLE' : 'CREDENTIAL_UNREADABLE',
    message,
    passing ? {} : { hint },
  );
}

function encode({ body, bearer }: TokenForm): {
  readonly text: string;
  readonly headers: Record<string, string>;
} {
  const isForm = body instanceof URLSearchParams;
  const headers = {
    accept: 'application/json',
    'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json',
    ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
  };
  return { text: isForm ? body.toString() : JSON.stringify(body), headers };
}

/** Never follows a redirect, and connects to public addresses alone. One connection each: tokens are asked for rarely. */
export function createTokenPost({ env, standIns = new Map() }: TokenPostOptions): TokenPost {
  return async (form) => {
    const wanted = new URL(form.url);
    const standIn = standIns.get(wanted.origin);
    const { origin, hostname, protocol } = new URL(standIn ?? wanted.origin);
    const hop = {
      origin,
      hostname,
      secure: protocol === 'https:',
      path: `${wanted.pathname}${wanted.search}`,
    };
    const agents = createAgents(env);
    using deadline = startDeadline(CLOUD_TOKEN_TIMEOUT_MS, () => tooLate(form));
    const { signal } = deadline;
    const { text, headers } = encode(form);
    try {
      const transport = { ...DEFAULT_TRANSPORT, local: standIn !== undefined };
      const { requests, origin: to, path, headers: own } = agents.routeFor(hop, transport, { home: false });
      const response = await requests.request({
        origin: to,
        path,
        method: 'POST',
        headers: { ...headers, ...own },
        body: text,
        signal,
      });
      const { bytes, whole } = await readUpTo(response.body, TOKEN_BODY_BYTES, { what: form.what, signal });
      const answer = bytes.toString('utf8');
      if (response.statusCode !== 200) throw refused(form, response.statusCode, answer);
      const object = whole ? parseObject(answer) : undefined;
      if (object !== undefined) return object;
      throw new LandfallError('CREDENTIAL_UNREADABLE', `${form.what} did not answer with a JSON object`);
    } catch (error) {
      throw isLandfallError(error) ? error : networkError(error, form.what, signal);
    } finally {
      await agents.close();
    }
  };
}

/** A token of an answer. @throws LandfallError CREDENTIAL_UNREADABLE where there is none, or it is none for a header */
export function tokenOf(answer: Readonly<Record<string, unknown>>, field: string, what: string): string {
  const value = answer[field];
  if (typeof value === 'string' && /^[\x21-\x7e]{1,32768}$/.test(value)) return value;
  throw new LandfallError('CREDENTIAL_UNREADABLE', `${what} answered without ${field}`);
}
