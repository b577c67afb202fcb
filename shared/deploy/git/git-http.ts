import type { GitHttpRequest, GitHttpResponse, HttpClient } from 'isomorphic-git';
import { knownSecrets } from '../../credentials/known-secrets.ts';
import { LandfallError } from '../../errors.ts';
import { GIT_ANSWER_BYTES } from '../../limits.ts';
import { printableLine } from '../../printable.ts';
import { deployFailed, deployUnavailable } from '../kit/failures.ts';
import { fatalOf, packetsOf, saidBeside } from './git-packets.ts';
import type { GitAnswer, GitRequest, SendGit, SendOptions } from './git-send.ts';

const MiB = 1024 * 1024;

/** Text of the other side, as it may stand in a log or an error. */
export const told = (text: string): string => printableLine(knownSecrets.mask(text.trim()).slice(0, 1024));

interface GitHttpInput extends SendOptions {
  readonly deploy: string;
  /** `Authorization`, where there is a credential. */
  readonly authorization?: string | undefined;
  readonly send: SendGit;
}

/** How the library sends requests, and what the other side said beside its last answer. */
export interface GitHttp {
  readonly client: HttpClient;
  readonly said: () => string;
}

const isTransient = (status: number): boolean => [408, 425, 429].includes(status) || status >= 500;

const CREDENTIAL =
  'Give it as `username` and `password` a token that may read and write the repository; then: landfall replay SOURCE --deploy NAME';

/** @throws LandfallError unless the answer is 200 */
function checkStatus(
  { status, headers, body }: GitAnswer,
  { deploy, authorization }: GitHttpInput,
  url: URL,
): void {
  if (status === 200) return;
  const at = `deploy ${deploy}: ${url.origin}${url.pathname}`;
  const said = told(
    headers['content-type']?.startsWith('text/plain') ? Buffer.from(body).toString('utf8') : '',
  );
  const why = said === '' ? '' : `; it said: ${said}`;
  if (status === 401 || status === 403) {
    const how = authorization === undefined ? 'without a credential' : 'with the credential it was given';
    throw deployFailed(`${at} answered ${status} ${how}${why}`, { hint: CREDENTIAL });
  }
  if (status === 404)
    throw deployFailed(
      `${at} answered 404: no repository is there, or none that the credential may see${why}`,
      {
        hint: `Check url. ${CREDENTIAL}`,
      },
    );
  if (status >= 300 && status < 400) {
    const to = URL.parse(headers['location'] ?? '', url.href);
    const where = to === null ? '' : `, to ${told(`${to.origin}${to.pathname}`)}`;
    throw deployFailed(`${at} answered ${status}${where}: no redirect is followed`, {
      hint: 'Write the address that it is at now into url.',
    });
  }
  const message = `${at} answered ${status}, wanted 200${why}`;
  throw isTransient(status)
    ? deployUnavailable(message, { hint: 'It is tried again by itself.' })
    : deployFailed(message, { hint: 'Check url, and that it is a repository over smart HTTP.' });
}

/** @throws LandfallError where it is no answer of Git's protocol, or one too large */
function checkAnswer(answer: GitAnswer, input: GitHttpInput, url: URL): readonly Uint8Array[] {
  const at = `deploy ${input.deploy}: ${url.origin}`;
  if (!answer.whole)
    throw deployFailed(`${at} sent more than ${GIT_ANSWER_BYTES / MiB} MiB for one commit of the branch`, {
      hint: 'Deploy into a repository of its own: one with the files of deploys alone.',
    });
  const type = answer.headers['content-type'] ?? '';
  if (!/^application\/x-git-(?:upload|receive)-pack-(?:advertisement|result)$/.test(type))
    throw deployFailed(
      `${at} answered ${told(type) || 'no content-type'}, wanted a repository of Git over smart HTTP`,
      {
        hint: 'Write the address as `git clone` takes it into url.',
      },
    );
  const packets = packetsOf(answer.body);
  if (packets === undefined)
    throw deployUnavailable(`${at} answered what is not Git's protocol, or was cut off`, {
      hint: 'It is tried again by itself.',
    });
  if (
    packets.some((packet) =>
      /\bobject-format=sha256\b/.test(Buffer.from(packet.subarray(0, 2048)).toString('latin1')),
    )
  )
    throw deployFailed(`${at}: the repository has SHA-256 names, wanted SHA-1`, {
      hint: 'Use a repository that was made with --object-format=sha1, as Git does by default.',
    });
  const fatal = fatalOf(packets);
  if (fatal !== undefined)
    throw deployUnavailable(`${at} gave up: ${told(fatal)}`, { hint: 'It is tried again by itself.' });
  return packets;
}

async function bodyOf(body: GitHttpRequest['body']): Promise<Uint8Array | undefined> {
  if (body === undefined) return undefined;
  const parts: Uint8Array[] = [];
  for await (const part of body as AsyncIterable<Uint8Array>) parts.push(part);
  return Buffer.concat(parts);
}

async function answerTo(request: GitRequest, input: GitHttpInput): Promise<GitAnswer> {
  const { deploy, send } = input;
  try {
    return await send(request, input);
  } catch (cause) {
    if (cause instanceof LandfallError) throw cause;
    const why = told(cause instanceof Error ? cause.message : String(cause));
    throw deployUnavailable(`deploy ${deploy}: ${request.url.origin} cannot be reached: ${why}`, { cause });
  }
}

/** Requests of the library, each whole and bounded, and held to the protocol before it reads the answer. */
export function gitHttp(input: GitHttpInput): GitHttp {
  let said = '';
  const request = async ({
    url: text,
    method = 'GET',
    headers = {},
    body,
  }: GitHttpRequest): Promise<GitHttpResponse> => {
    const url = new URL(text);
    const bytes = await bodyOf(body);
    const sent: GitRequest = {
      method: method === 'POST' ? 'POST' : 'GET',
      url,
      headers: {
        ...headers,
        'user-agent': 'git/landfall',
        ...(input.authorization !== undefined && { authorization: input.authorization }),
      },
      ...(bytes !== undefined && { body: bytes }),
    };
    const answer = await answerTo(sent, input);
    checkStatus(answer, input, url);
    said = saidBeside(checkAnswer(answer, input, url));
    return {
      ...{ url: text, method, headers: { ...answer.headers } },
      ...{ statusCode: answer.status, statusMessage: '', body: iterated(answer.body) },
    };
  };
  return { client: { request }, said: () => told(said) };
}

async function* iterated(bytes: Uint8Array): AsyncIterableIterator<Uint8Array> {
  yield bytes;
}
