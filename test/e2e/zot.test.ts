import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { atEnd } from '../support/at-end.ts';
import { documentOf, folderFor, landfallProcess } from '../support/cli.ts';
import { writeFiles } from '../support/oci-tools.ts';
import { startServe } from '../support/serving.ts';
import { skipWithoutZot, startZot, zotHost } from '../support/zot.ts';

const SECRET = 'canary-zot-secret';
const skip = skipWithoutZot('a push to zot that is seen by its event');

for (const [how, credentials, status] of [
  ['a token', { token: SECRET }, 202],
  ['a password', { username: 'anybody', password: SECRET }, 202],
  ['another token', { token: 'another' }, 401],
] as const) {
  test(`zot, with ${how} in its sink: ${status}`, { skip }, async (t) => {
    const [host, folder] = [await zotHost(), await folderFor(t)];
    const path = join(folder, 'sources.yaml');
    await writeFile(
      path,
      `sources:
  - { name: app, namespace: web, url: "oci://${host}/team/app", ref: { tag: live }, interval: 1h }
credentials:
  - { registry: "${host}", plainHttp: true }
receivers:
  - { name: zot, type: zot, registry: "${host}", secret: { value: ${SECRET} } }
`,
    );
    const serve = await startServe(t, { documents: [path], store: join(folder, 'store') });
    const listed = await landfallProcess(['receivers', '-f', path, '--url', serve.url, '--json']);
    const [receiver] = documentOf<readonly { readonly url: string }[]>(listed);
    const zot = await startZot(host, { url: receiver?.url ?? '', credentials });
    atEnd(t, () => zot.close());
    const from = await writeFiles(join(folder, 'in'), { 'app.yaml': 'a: 1\n' });
    const pushed = await landfallProcess(['push', from, `oci://${host}/team/app:live`, '--plain-http']);
    assert.equal(pushed.code, 0, pushed.stderr);
    if (status === 401) {
      await serve.logged('webhook', { receiver: 'zot', status, code: 'WEBHOOK_UNAUTHENTICATED' });
      return;
    }
    await serve.logged('webhook', { receiver: 'zot', status, sources: 'web/app' });
    await serve.logged('landed', { source: 'web/app', trigger: 'webhook' });
  });
}
