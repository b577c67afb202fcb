import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { folderFor, landfallProcess } from '../support/cli.ts';
import { startServe } from '../support/programs/serving.ts';
import { freePort } from '../support/servers/free-port.ts';
import { until } from '../support/until.ts';

const FLOOD = 2_000;
const AT_ONCE = 50;

/** So many webhooks that nobody signed, as fast as they are answered. */
async function flood(url: string): Promise<ReadonlyMap<number, number>> {
  const answers = new Map<number, number>();
  let left = FLOOD;
  const sender = async (): Promise<void> => {
    while (left-- > 0) {
      const status = await fetch(url, { method: 'POST', body: `{"push_data":{"tag":"${'x'.repeat(500)}"}}` })
        .then(async (answer) => {
          await answer.arrayBuffer();
          return answer.status;
        })
        .catch(() => 0);
      answers.set(status, (answers.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sender));
  return answers;
}

test('a flood of webhooks while the console is open holds up neither the console, nor what is looked at', async (t) => {
  const folder = await folderFor(t);
  const [store, secret, documents] = ['store', 'secret', 'sources.yaml'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  await writeFile(secret, 'of-the-receiver');
  const port = await freePort();
  await writeFile(
    documents,
    `sources:
  - { name: app, namespace: web, url: oci://127.0.0.1:${port}/app, ref: { tag: latest }, interval: 1h }
receivers:
  - { name: hooks, type: generic, registry: 127.0.0.1:${port}, secret: { file: ${secret} } }
`,
  );
  const argv = ['--listen', '127.0.0.1:0', '--console', '127.0.0.1:0', '--plain-http'];
  const serve = await startServe(t, { documents: [documents], store, argv });
  const listed = await landfallProcess(['receivers', '-f', documents, '--url', serve.url, '--json']);
  const [receiver] = JSON.parse(listed.stdout) as readonly { readonly url: string }[];
  assert.ok(receiver, listed.stderr);
  const console = await until('the console', () => serve.console);
  const live = await fetch(new URL('live', console));
  const reader = live.body?.getReader();
  const flooding = flood(receiver.url);
  const pages: number[] = [];
  for (const path of ['', 'events', 'deploys', 'sources/web/app', 'go?to=app', ''])
    pages.push((await fetch(new URL(path, console))).status);
  assert.deepEqual(pages, [200, 200, 200, 200, 200, 200]);
  const told = await reader?.read();
  assert.match(Buffer.from(told?.value ?? []).toString(), /event: mark/);
  const answers = await flooding;
  assert.deepEqual(
    [...answers.keys()].filter((status) => status < 400 && status !== 0),
    [],
    'nothing was believed',
  );
  assert.match(await (await fetch(new URL('sources/web/app', console))).text(), /REGISTRY_UNREACHABLE/);
  await reader?.cancel();
});
