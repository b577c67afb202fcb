import { readAtMost } from '../../kernel/read-bytes.ts';
import { GIT_ANSWER_BYTES } from '../../limits.ts';
import { DEFAULT_TRANSPORT } from '../../registry/client.ts';
import { createAgents } from '../../registry/http/agents.ts';
import type { GitSettings } from './git-settings.ts';

/** One request of Git's protocol over HTTP. */
export interface GitRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export interface GitAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** False: more came than is read. */
  readonly whole: boolean;
}

export interface SendOptions {
  readonly settings: Pick<GitSettings, 'plainHttp' | 'local'>;
  readonly signal: AbortSignal;
}

export type SendGit = (request: GitRequest, options: SendOptions) => Promise<GitAnswer>;

const oneOf = (value: string | string[] | undefined): string =>
  Array.isArray(value) ? value.join(', ') : (value ?? '');

/** Sends one request, over a connection of its own, to an address that may be connected to; no redirect is followed. */
export const sendGit: SendGit = async ({ method, url, headers, body }, { settings, signal }) => {
  const { plainHttp, local } = settings;
  const agents = createAgents(process.env);
  try {
    const secure = url.protocol === 'https:';
    const hop = { origin: url.origin, hostname: url.hostname, secure, path: `${url.pathname}${url.search}` };
    const route = agents.routeFor(hop, { ...DEFAULT_TRANSPORT, plainHttp, local }, { home: true });
    const { requests, origin, path } = route;
    const answer = await requests.request({
      origin,
      path,
      method,
      signal,
      headers: { ...headers, ...route.headers },
      ...(body !== undefined && { body }),
    });
    const { bytes, whole } = await readAtMost(answer.body, GIT_ANSWER_BYTES);
    const told = Object.entries(answer.headers).map(([name, value]) => [name, oneOf(value)] as const);
    return { status: answer.statusCode, headers: Object.fromEntries(told), body: bytes, whole };
  } finally {
    await agents.close();
  }
};
