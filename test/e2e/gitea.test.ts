import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { atEnd } from '../support/at-end.ts';
import { documentOf, folderFor, landfallProcess } from '../support/cli.ts';
import { GITEA_USER, skipWithoutGitea, startGitea } from '../support/gitea.ts';
import { writeFiles } from '../support/oci-tools.ts';
import { freePort, startServe } from '../support/serving.ts';

const SECRET = 'canary-gitea-secret';
const skip = skipWithoutGitea('a push to Gitea that is seen by its webhook');

for (const [how, contentType, secret, status] of [
  ['JSON', 'json', SECRET, 202],
  ['a form', 'form', SECRET, 202],
  ['another secret', 'json', 'another', 401],
] as const) {
  test(`Gitea, with ${how}, tells of a tag in capitals: ${status}`, { skip, timeout: 60_000 }, async (t) => {
    const [host, folder] = [`127.0.0.1:${await freePort()}`, await folderFor(t)];
    const { username, password } = GITEA_USER;
    const path = join(folder, 'sources.yaml');
    await writeFile(
      path,
      `sources:
  - { name: app, namespace: web, url: "oci://${host}/team/app", ref: { tag: RC1 }, interval: 1h }
credentials:
  - { registry: "${host}", plainHttp: true, username: ${username}, password: { value: ${password} } }
receivers:
  - { name: git, type: gitea, registry: "${host}", secret: { value: ${SECRET} } }
`,
    );
    const gitea = await startGitea(host);
    atEnd(t, () => gitea.close());
    const serve = await startServe(t, { documents: [path], store: join(folder, 'store') });
    const listed = await landfallProcess(['receivers', '-f', path, '--url', serve.url, '--json']);
    const [receiver] = documentOf<readonly { readonly url: string }[]>(listed);
    await gitea.hook({ url: receiver?.url ?? '', secret, contentType });
    const from = await writeFiles(join(folder, 'in'), { 'app.yaml': 'a: 1\n' });
    const login = ['--plain-http', '--registry-creds', `${host}=${username}:${password}`];
    const pushed = await landfallProcess(['push', from, `oci://${host}/team/app:RC1`, ...login]);
    assert.equal(pushed.code, 0, pushed.stderr);
    if (status === 401) {
      await serve.logged('webhook', { receiver: 'git', status, code: 'WEBHOOK_UNAUTHENTICATED' });
      return;
    }
    await serve.logged('webhook', { receiver: 'git', status, sources: 'web/app' });
    await serve.logged('landed', { source: 'web/app', trigger: 'webhook' });
  });
}
