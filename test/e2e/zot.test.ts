import { test } from 'node:test';
import { atEnd } from '../support/at-end.ts';
import { freePort } from '../support/servers/free-port.ts';
import { skipWithoutZot, startZot } from '../support/servers/zot.ts';
import { openReceiverScene } from './receiver-scene.ts';

const SECRET = 'canary-zot-secret';
const skip = skipWithoutZot('a push to zot that is seen by its event');

for (const [how, credentials, status] of [
  ['a token', { token: SECRET }, 202],
  ['a password', { username: 'anybody', password: SECRET }, 202],
  ['another token', { token: 'another' }, 401],
] as const) {
  test(`zot, with ${how} in its sink: ${status}`, { skip }, async (t) => {
    const host = `127.0.0.1:${await freePort()}`;
    const { url, pushAnnounced } = await openReceiverScene(
      t,
      `sources:
  - { name: app, namespace: web, url: "oci://${host}/team/app", ref: { tag: live }, interval: 1h }
credentials:
  - { registry: "${host}", plainHttp: true }
receivers:
  - { name: zot, type: zot, registry: "${host}", secret: { value: ${SECRET} } }
`,
    );
    const zot = await startZot(host, { url, credentials });
    atEnd(t, () => zot.close());
    await pushAnnounced(`oci://${host}/team/app:live`, status);
  });
}
