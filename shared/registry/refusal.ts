import type { Clock } from '../clock.ts';
import { formatDuration } from '../duration.ts';
import { type ErrorCode, LandfallError } from '../errors.ts';
import { bytesOf } from '../escaped-bytes.ts';
import { isObject, parseObject } from '../kernel/json.ts';
import { RETRY_AFTER_WAIT_MS } from '../limits.ts';
import type { Credential } from './client.ts';
import type { Endpoint } from './endpoint.ts';
import { excerpt } from './http/body.ts';
import { headerOf } from './http/header-text.ts';
import { formatHop, type Hop } from './http/hop.ts';
import { isEndedLogin } from './manners/ended-login.ts';
import { codeOf, hintOf, type Subject } from './manners/error-table.ts';
import { formatQuota, isRateLimit, parseQuota } from './manners/rate-limit.ts';
import { limitReset, parseRetryAfter, retryAfterInText } from './manners/retry-after.ts';

/** The first entry of an error body, in the distribution's form or OAuth's. */
interface ErrorBody {
  readonly code: string | undefined;
  readonly message: string | undefined;
  /** Of all entries. */
  readonly codes: readonly string[];
}

const NOTHING: ErrorBody = { code: undefined, message: undefined, codes: [] };
const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** Reads `{"errors":[{"code","message"}]}` or `{"error","error_description"}`; whatever else gives nothing. */
function parseErrorBody(body: string): ErrorBody {
  const document = parseObject(body);
  if (document === undefined) return NOTHING;
  const { errors, error, error_description, details, message } = document;
  const entries = (Array.isArray(errors) ? errors : []).filter(isObject);
  const codes = entries.flatMap((entry) => text(entry['code'])?.toUpperCase() ?? []);
  const [first] = entries;
  if (first !== undefined) {
    return { code: text(first['code'])?.toUpperCase(), message: text(first['message']), codes };
  }
  return { code: text(error), message: text(error_description) ?? text(details) ?? text(message), codes };
}

/** A web page, from a login form, a proxy or another server than a registry. */
const isPage = ({ headers, text: body }: RefusedAnswer): boolean =>
  /html/i.test(headerOf(headers, 'content-type') ?? '') || /^\s*<(?:!doctype html|html)\b/i.test(body);

/** A server may send back what it was sent: a secret never goes on from here. */
function withoutSecrets(said: string, credential: Credential, authorization = ''): string {
  const secret =
    credential.kind === 'anonymous'
      ? ''
      : credential.kind === 'basic'
        ? credential.password
        : credential.token;
  const username = 'username' in credential ? (credential.username ?? '') : '';
  const encoded = bytesOf(`${username}:${secret}`).toString('base64');
  const [, sent = ''] = authorization.split(' ');
  const untold = [secret, secret && encoded, sent].filter((each) => each !== '');
  const bare = untold.reduce((text, each) => text.replaceAll(each, '***'), said);
  return bare
    .replace(/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, '$1 ***')
    .replace(/\?[^\s"'<>]*/g, (query) => (query.includes('=') ? '?…' : query));
}

/** Go, Caddy; nginx; Apache: what a server says to plain HTTP at a port for TLS. */
const SPEAKS_TLS =
  /HTTP request to an HTTPS server|plain HTTP request was sent to HTTPS port|speaking plain HTTP to an SSL-enabled server/i;

/** As the distribution's codes are written: `NAME_UNKNOWN`. */
const OCI_CODE = /^[A-Z_]{1,40}$/;

export interface RefusedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The body, cut; empty for HEAD. */
  readonly text: string;
  readonly subject: Subject;
  /** What was asked for: `manifest oci://…:tag`. */
  readonly what: string;
  readonly hop: Hop;
  /** The header that it was sent: a token of its is as much a secret as what it was got for. */
  readonly authorization?: string;
}

/** Whom it was answered to: a 401 alone does not tell a wrong password from one that was not found. */
function to(code: ErrorCode, subject: Subject, { credential, given }: Endpoint): string {
  // Where blobs are stored no credential is sent.
  if ((code !== 'UNAUTHORIZED' && code !== 'FORBIDDEN') || subject === 'storage') return '';
  if (credential.kind === 'anonymous') return ' to a request without a credential';
  return given === undefined ? '' : ` to the ${given}`;
}

/** A login that could not be read may be the one that is missing. */
const unread = (code: ErrorCode, subject: Subject, { passedOver = [] }: Endpoint): string =>
  subject === 'storage' || !['UNAUTHORIZED', 'FORBIDDEN', 'REPOSITORY_NOT_FOUND'].includes(code)
    ? ''
    : passedOver.map((why) => ` Not asked for a credential: ${why}.`).join('');

/** The error that a status other than the wanted one stands for, with what the registry said, escaped and cut. */
export function refusal(answer: RefusedAnswer, endpoint: Endpoint, clock: Clock): LandfallError {
  const { status, headers, subject, what, hop } = answer;
  const body = parseErrorBody(answer.text);
  const said = {
    ociCode: body.code,
    isRateLimit: isRateLimit(status, { codes: body.codes, text: answer.text }),
    isEnded: isEndedLogin(status, answer.text),
  };
  const code = codeOf(status, said, subject);
  const words = [body.code, body.message].filter((word) => word !== undefined).join(': ') || answer.text;
  const quoted =
    words.trim() === ''
      ? ''
      : `, saying ${excerpt(withoutSecrets(words.trim(), endpoint.credential, answer.authorization))}`;
  const retryAfterMs =
    parseRetryAfter(headerOf(headers, 'retry-after'), clock.now()) ??
    (code === 'RATE_LIMITED'
      ? (retryAfterInText(answer.text) ?? limitReset(headers, clock.now()))
      : undefined);
  const plain = SPEAKS_TLS.test(answer.text);
  const quota = code === 'RATE_LIMITED' ? parseQuota(headerOf(headers, 'ratelimit-limit')) : undefined;
  const allowed = quota === undefined ? '' : `It allows ${formatQuota(quota)}. `;
  const wait = retryAfterMs === undefined ? 0 : Math.ceil(retryAfterMs / 1000) * 1000;
  const asked = wait > RETRY_AFTER_WAIT_MS ? `It asks to wait ${formatDuration(wait)}. ` : '';
  const page = isPage(answer)
    ? 'It answered with a web page: check the host, and any login or proxy before it. '
    : '';
  const { registry } = endpoint;
  const ociCode = body.code !== undefined && OCI_CODE.test(body.code) ? body.code : undefined;
  const advice = hintOf(code, {
    registry,
    status,
    ociCode,
    subject,
    isAnonymous: subject !== 'storage' && endpoint.credential.kind === 'anonymous',
  });
  const hint = plain
    ? 'The registry speaks HTTPS: leave out --plain-http (plainHttp).'
    : (advice && `${page}${allowed}${asked}${advice}${unread(code, subject, endpoint)}`) ||
      // A server for TLS whose words for it are not known, or that a HEAD has no room for.
      (status === 400 && !hop.secure
        ? 'If the registry speaks HTTPS, leave out --plain-http (plainHttp).'
        : undefined);
  return new LandfallError(
    code,
    `${what}: ${formatHop(hop)} answered ${status}${to(code, subject, endpoint)}${quoted}`,
    {
      ...(hint !== undefined && { hint }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      detail: {
        status,
        registry,
        ...quota,
        ...(ociCode !== undefined && { ociCode }),
      },
    },
  );
}
