import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readLedger } from '../../../shared/deploy/ledger/ledger.ts';
import { parseDocuments } from '../../../shared/source/document.ts';
import { apply, bundlesOf, documentOf, ID, openHandlers } from '../../aws/support/handlers.ts';
import { ACCOUNT } from '../../support/aws-server/aws-client-for.ts';
import { type ApiServer, apiServerSkip, startApiServer } from '../../support/kubernetes/api-server.ts';
import { emulatorSkip, startEmulator } from '../../support/lambda/emulator.ts';
import { configMap } from './cluster/cluster-world.ts';

const skip = apiServerSkip || emulatorSkip;

let server: ApiServer;
before(async () => {
  if (skip === false) server = await startApiServer();
});
after(async () => server?.stop());

const DEPLOY = 'deploys: [{ name: apps, kind: kubernetes, source: web/site, kubeconfig: { env: KUBE } }]';
/** The schedule, as SQS brings it. */
const LOOK = {
  Records: [
    {
      messageId: '1',
      receiptHandle: 'r',
      body: JSON.stringify({ source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} }),
      attributes: { ApproximateReceiveCount: '1' },
    },
  ],
};

test("what has landed is applied by the function's bundle in AWS's runtime emulator", {
  skip,
  timeout: 300_000,
}, async (t) => {
  const bundles = await bundlesOf('reconcile', 'deploy-kind');
  const machine = await openHandlers(t, bundles);
  const { aws, registry, push, deliver } = machine;
  const text = `${documentOf(registry.host)}${DEPLOY}`;
  const [entry] = parseDocuments([{ file: 'a.yaml', text }]).deploys;
  const reconcile = await machine.start('reconcile');
  const land = async (value: string): Promise<void> => {
    await push('team/site', 'stable', { 'a.yaml': configMap('emulated', { value }) });
    await apply(machine, documentOf(registry.host));
    const body = JSON.stringify({ version: 1, look: 'web/site', trigger: 'request' });
    machine.queue.send({ body, groupId: 'web/site', deduplicationId: String(Math.random()) });
    await deliver(reconcile);
  };
  aws.queue('apps');
  const emulator = await startEmulator(t, bundles['deploy-kind'], {
    ...machine.env,
    PATH: process.env['PATH'] ?? '',
    ...(process.env['LANDFALL_KUBECTL'] !== undefined && {
      LANDFALL_KUBECTL: process.env['LANDFALL_KUBECTL'],
    }),
    LANDFALL_QUEUE_URL: `${aws.url}/${ACCOUNT}/apps`,
    LANDFALL_DEPLOY: JSON.stringify({ name: 'apps', stack: 'Landfall', source: ID, entry }),
    KUBE: server.kubeconfig,
  });
  for (const [at, value] of ['first', 'second'].entries()) {
    await land(value);
    const asked = performance.now();
    assert.deepEqual(await emulator.invoke(LOOK), { batchItemFailures: [] }, emulator.lines.join('\n'));
    t.diagnostic(`the ${value} visit, with kubectl: ${Math.round(performance.now() - asked)} ms`);
    const { applied, failure } = (await readLedger(machine.store.objects, 'apps', ID)).ledger;
    assert.deepEqual([failure, applied?.generation], [null, at + 1], emulator.lines.join('\n'));
    const kept = await server.kubectl('get', 'configmap', 'emulated', '-o', 'jsonpath={.data.value}');
    assert.equal(kept, value);
  }
  t.diagnostic(emulator.lines.find((line) => line.includes('init took')) ?? '');
});
