import type { GitHttpRequest, GitHttpResponse, HttpClient } from 'isomorphic-git';
import { LandfallError, messageOf } from '../../errors.ts';
import { deployUnavailable } from '../kit/failures.ts';
import { type AskedGit, checkAnswer, checkStatus, told } from './git-answer.ts';
import type { GitAnswer, GitRequest, SendGit, SendOptions } from './git-send.ts';

interface GitHttpInput extends SendOptions, AskedGit {
  readonly send: SendGit;
}

/** How the library sends requests, and what the other side said beside its last answer. */
export interface GitHttp {
  readonly client: HttpClient;
  readonly said: () => string;
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
    const why = told(messageOf(cause));
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
    said = checkAnswer(answer, input, url);
    return {
      url: text,
      method,
      headers: { ...answer.headers },
      statusCode: answer.status,
      statusMessage: '',
      body: iterated(answer.body),
    };
  };
  return { client: { request }, said: () => told(said) };
}

async function* iterated(bytes: Uint8Array): AsyncIterableIterator<Uint8Array> {
  yield bytes;
}
