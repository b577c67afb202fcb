import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { listen } from '../../../aws-stand-ins/listen.ts';
import { readStatus } from '../../../shared/store/status-store.ts';
import { apply, bundlesOf, ID, openHandlers } from '../support/handlers.ts';

const bundles = await bundlesOf('reconcile');

/** A registry of whoever wrote the document: it asks for a login, and keeps what it is told. */
async function greedyRegistry(t: TestContext) {
  const told: string[] = [];
  const { url, close } = await listen((request, response) => {
    if (request.headers.authorization !== undefined) told.push(request.headers.authorization);
    request.resume().on('end', () => {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="mine"' }).end();
    });
  });
  t.after(close);
  return { told, host: new URL(url).host };
}

const documentOf = (host: string, password: string): string => `
sources:
  - { namespace: web, name: site, url: 'oci://${host}/site', ref: { tag: stable } }
credentials: [{ registry: '${host}', plainHttp: true, username: me, password: ${password} }]
`;

test('whoever writes a document is sent nothing that the function itself has', async (t) => {
  const machine = await openHandlers(t, bundles);
  const { told, host } = await greedyRegistry(t);
  const reconcile = await machine.start('reconcile');
  for (const own of ['{ env: AWS_SESSION_TOKEN }', '{ file: /proc/sys/kernel/hostname }']) {
    await apply(machine, documentOf(host, own));
    await machine.deliver(reconcile);
    const failure = (await readStatus(machine.store.objects, ID))?.status.failure;
    assert.equal(failure?.code, 'CREDENTIAL_UNREADABLE', reconcile.lines.join('\n'));
    assert.match(`${failure.message} ${failure.hint}`, /is nothing that a function has .*secretsManager/);
  }
  assert.deepEqual(told, []);
});
