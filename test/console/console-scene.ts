import { request } from 'node:http';
import type { TestContext } from 'node:test';
import type { Action } from '../../console/action.ts';
import { rememberedEvents } from '../../console/facts/console-event.ts';
import type { Stamps } from '../../console/facts/stamps.ts';
import type { WatchedSources } from '../../console/facts/watched-sources.ts';
import { startConsole } from '../../console/server.ts';
import { systemClock } from '../../shared/clock.ts';
import { LandfallError } from '../../shared/errors.ts';
import { CONSOLE_EVENTS } from '../../shared/limits.ts';
import { silentLog } from '../../shared/log.ts';
import type { Status } from '../../shared/model/status.ts';
import { openMemoryStore } from '../../shared/store/memory/memory-store.ts';
import type { Store } from '../../shared/store/store.ts';

export const DIGEST = `sha256:${'a'.repeat(64)}`;
/** Another one for each number. */
export const digestAt = (at: number): string => `sha256:${String(at).padStart(64, '0')}`;
export const HOSTILE = '<img src=x onerror=alert(1)>"\'&';

export const revision = {
  revision: `1.0.0@${DIGEST}`,
  tag: '1.0.0',
  digest: DIGEST,
  variant: 'default',
  contentDigest: DIGEST,
  mediaType: 'x/y',
  artifactType: null,
  annotations: {},
  files: 1,
  size: 1,
  generation: 1,
  committedAt: '2026-11-29T10:00:00.000Z',
};

export const statusOf = (name: string, more: Partial<Record<keyof Status, unknown>> = {}) => ({
  formatVersion: 1,
  namespace: 'web',
  name,
  url: `oci://r.example/${name}`,
  labels: {},
  generation: 1,
  current: revision,
  history: [],
  conditions: [],
  failure: null,
  specDigest: '',
  outbox: [],
  suspended: null,
  request: null,
  ...more,
});

export const put = (store: Store, key: string, document: unknown) =>
  store.objects.putIfAbsent(key, Buffer.from(JSON.stringify(document)));

export const failed = (message: string) => ({
  code: 'TAG_NOT_FOUND',
  message,
  hint: null,
  kind: 'transient',
  subject: 'x',
  attempts: 1,
  since: '2026-11-29T10:00:00.000Z',
  at: '2026-11-29T10:00:00.000Z',
});

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

interface Scene {
  readonly url: string;
  readonly store: Store;
  readonly acted: Action[];
  ask(
    path: string,
    options?: { method?: string; headers?: Record<string, string>; body?: string },
  ): Promise<Answer>;
  /** The token of the forms of a page. */
  form(path: string, headers?: Record<string, string>): Promise<string | undefined>;
}

/** What a store in memory has instead of ETags. */
export const readStamps = ({ objects }: Pick<Store, 'objects'>): Stamps =>
  async function* (prefix, options) {
    for await (const key of objects.list(prefix, options)) {
      const stored = await objects.get(key, options);
      if (stored !== undefined) yield { key, stamp: stored.version };
    }
  };

interface SceneOptions {
  readonly token?: string;
  readonly watched?: WatchedSources;
  readonly store?: Store;
}

export async function sceneOf(
  t: TestContext,
  { token, watched, store = openMemoryStore() }: SceneOptions = {},
): Promise<Scene> {
  const acted: Action[] = [];
  const ending = new AbortController();
  const opened = await startConsole(
    { host: '127.0.0.1', port: 0 },
    {
      store,
      actions: {
        act: async (action) => {
          if (action.source.name === 'missing') throw new LandfallError('SOURCE_NOT_FOUND', 'no such source');
          acted.push(action);
        },
      },
      stamps: readStamps(store),
      watched: async () => watched,
      events: async (snapshot) => rememberedEvents(snapshot, CONSOLE_EVENTS),
      token,
      staleMs: 200,
      clock: systemClock,
      log: silentLog,
      signal: ending.signal,
    },
  );
  t.after(async () => {
    ending.abort();
    await opened[Symbol.asyncDispose]();
  });
  const ask: Scene['ask'] = (path, { method = 'GET', headers = {}, body = '' } = {}) =>
    new Promise((resolve, reject) => {
      const { port } = new URL(opened.url);
      const sent = request(
        {
          port,
          host: '127.0.0.1',
          path,
          method,
          headers: {
            ...(body !== '' && {
              'content-length': String(body.length),
              'content-type': 'application/x-www-form-urlencoded',
            }),
            ...headers,
          },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk;
          });
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, text, headers: response.headers }),
          );
        },
      );
      sent.on('error', reject).end(body);
    });
  const form: Scene['form'] = async (path, headers = {}) =>
    /name="form" value="([^"]+)"/.exec((await ask(path, { headers })).text)?.[1];
  return { url: opened.url, store, acted, ask, form };
}
