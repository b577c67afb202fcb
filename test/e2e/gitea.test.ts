import { test } from 'node:test';
import { atEnd } from '../support/at-end.ts';
import { freePort } from '../support/servers/free-port.ts';
import { GITEA_USER, skipWithoutGitea, startGitea } from '../support/servers/gitea.ts';
import { openReceiverScene } from './receiver-scene.ts';

const SECRET = 'canary-gitea-secret';
const skip = skipWithoutGitea('a push to Gitea that is seen by its webhook');

for (const [how, contentType, secret, status] of [
  ['JSON', 'json', SECRET, 202],
  ['a form', 'form', SECRET, 202],
  ['another secret', 'json', 'another', 401],
] as const) {
  test(`Gitea, with ${how}, tells of a tag in capitals: ${status}`, { skip, timeout: 60_000 }, async (t) => {
    const host = `127.0.0.1:${await freePort()}`;
    const { username, password } = GITEA_USER;
    const gitea = await startGitea(host);
    atEnd(t, () => gitea.close());
    const { url, pushAnnounced } = await openReceiverScene(
      t,
      `sources:
  - { name: app, namespace: web, url: "oci://${host}/team/app", ref: { tag: RC1 }, interval: 1h }
credentials:
  - { registry: "${host}", plainHttp: true, username: ${username}, password: { value: ${password} } }
receivers:
  - { name: git, type: gitea, registry: "${host}", secret: { value: ${SECRET} } }
`,
    );
    await gitea.hook({ url, secret, contentType });
    const login = ['--registry-creds', `${host}=${username}:${password}`];
    await pushAnnounced(`oci://${host}/team/app:RC1`, status, login);
  });
}
