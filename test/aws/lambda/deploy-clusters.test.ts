import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { listen } from '../../../aws-stand-ins/listen.ts';
import { readLedger, writeLedger } from '../../../shared/deploy/ledger/ledger.ts';
import { parseDigest } from '../../../shared/oci/digest.ts';
import { ACCOUNT } from '../../support/aws-server/aws-client-for.ts';
import { kubectlSkip, programOf } from '../../support/kubernetes/api-server.ts';
import { until } from '../../support/until.ts';
import { apply, bundlesOf, documentOf, ID, openHandlers } from '../support/handlers.ts';

const skip = kubectlSkip;
const bundles = skip === false ? await bundlesOf('reconcile', 'deploy-clusters') : undefined;
const SCHEDULED = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };
const MINUTES = 60_000;
const DIGEST = parseDigest(`sha256:${'d'.repeat(64)}`);

const ENTRY = {
  kind: 'kubernetes',
  timeoutMs: 60_000,
  prune: true,
  clusters: { tags: { env: 'prod' }, waveTag: 'wave' },
  settings: {},
};

/**
 * AWS as far as clusters go: some have the tags, none lets anybody in. Answers as the references of GetResources and of
 * DescribeCluster have it.
 */
async function clustersOfAws(t: TestContext) {
  const world = { names: ['one', 'two'], isDenied: false, described: [] as string[] };
  const { url, close } = await listen((request, response) => {
    const name = /^\/clusters\/(.+)$/.exec(request.url ?? '')?.[1];
    const told = (status: number, body: object, error?: string): void =>
      void request
        .resume()
        .on('end', () =>
          response
            .writeHead(status, error === undefined ? {} : { 'x-amzn-errortype': error })
            .end(JSON.stringify(body)),
        );
    if (name !== undefined) {
      world.described.push(name);
      const isThere = world.names.includes(name);
      return isThere
        ? told(403, { message: 'not authorized' }, 'AccessDeniedException')
        : told(404, { message: 'No cluster found' }, 'ResourceNotFoundException');
    }
    if (request.url?.includes('Action=GetCallerIdentity') === true)
      return told(200, { GetCallerIdentityResponse: { GetCallerIdentityResult: { Account: ACCOUNT } } });
    if (world.isDenied) return told(400, { __type: 'AccessDeniedException', Message: 'no' });
    const ResourceTagMappingList = world.names.map((each, at) => ({
      ResourceARN: `arn:aws:eks:eu-central-1:${ACCOUNT}:cluster/${each}`,
      Tags: [{ Key: 'wave', Value: String(at) }],
    }));
    return told(200, { ResourceTagMappingList });
  });
  t.after(close);
  return { world, url };
}

async function opened(t: TestContext) {
  assert.ok(bundles);
  const machine = await openHandlers(t, bundles);
  const { aws, registry, push, deliver, queue: triggers } = machine;
  const { world, url } = await clustersOfAws(t);
  const reconcile = await machine.start('reconcile');
  const startClusters = () =>
    machine.start('deploy-clusters', {
      LANDFALL_DEPLOY: JSON.stringify({ name: 'apps', stack: 'Landfall', source: ID, entry: ENTRY }),
      LANDFALL_QUEUE_URL: `${aws.url}/${ACCOUNT}/apps`,
      LANDFALL_KUBECTL: programOf('LANDFALL_KUBECTL', 'kubectl'),
      PATH: process.env['PATH'] ?? '',
      AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API: url,
      AWS_ENDPOINT_URL_EKS: url,
      AWS_ENDPOINT_URL_STS: url,
    });
  await apply(machine, documentOf(registry.host));
  await push('team/site', 'stable', {
    'a.yaml': '{ apiVersion: v1, kind: ConfigMap, metadata: { name: a } }',
  });
  const body = JSON.stringify({ version: 1, look: 'web/site', trigger: 'request' });
  triggers.send({ body, groupId: 'web/site', deduplicationId: 'first' });
  await deliver(reconcile);
  const queue = aws.queue('apps');
  let clusters = await startClusters();
  const deliverAll = async (): Promise<void> => {
    for (let message = queue.receive(1)[0]; message !== undefined; message = queue.receive(1)[0]) {
      const { messageId, receiptHandle, body: text, receives } = message;
      const attributes = { ApproximateReceiveCount: String(receives) };
      await clusters.invoke({ Records: [{ messageId, receiptHandle, body: text, attributes }] });
      queue.delete(receiptHandle);
    }
  };
  const send = async (message: object): Promise<void> => {
    queue.send({ body: JSON.stringify(message), groupId: 'a', deduplicationId: String(Math.random()) });
    await deliverAll();
  };
  return {
    ...{ machine, world, send },
    lines: () => clusters.lines.join('\n'),
    later: async (milliseconds: number) => {
      machine.pass(milliseconds);
      await deliverAll();
    },
    restart: async () => {
      clusters = await startClusters();
    },
    ledger: (cluster: string) => readLedger(machine.store.objects, `apps.${cluster}`, ID),
  };
}

test('each cluster that has the tags is a deploy of its own, and one that fails holds the next wave', {
  skip,
}, async (t) => {
  const { world, send, ledger, lines } = await opened(t);
  await send(SCHEDULED);
  const [one, two] = await Promise.all([ledger('one'), ledger('two')]);
  assert.match(
    one.ledger.failure?.message ?? '',
    /eks:DescribeCluster of one .*: AccessDeniedException: not authorized/,
    lines(),
  );
  assert.equal(two.ledger.failure, null);
  assert.match(two.ledger.waiting?.message ?? '', /^for apps\.one of web\/site, which fails/);
  assert.deepEqual(new Set(world.described), new Set(['one']));
});

test('what was in a cluster that is no more is let go of, some time after a look did not find it', {
  skip,
}, async (t) => {
  const { machine, world, send, ledger, later, restart, lines } = await opened(t);
  const { objects } = machine.store;
  const facts = { generation: 1, revision: 'r', digest: DIGEST, variant: 'default', contentDigest: DIGEST };
  const eks = `arn:aws:eks:eu-central-1:${ACCOUNT}:cluster/gone`;
  const result = { inventory: { namespace: 'default', name: 'gone' }, objects: 1, eks };
  const applied = { ...facts, at: '2026-11-21T09:00:00.000Z', result };
  const prunes = {
    ...{ kind: 'kubernetes', labels: {}, timeoutMs: 60_000, role: null, region: null },
    settings: { eks: 'gone' },
  };
  const stored = await ledger('gone');
  await writeLedger(objects, { ...stored.ledger, applied, prunes }, stored);

  world.isDenied = true;
  await send(SCHEDULED).catch(() => undefined);
  await later(5 * MINUTES).catch(() => undefined);
  assert.deepEqual((await ledger('gone')).ledger.applied, applied, 'nothing is pruned while nobody knows');

  world.isDenied = false;
  await restart();
  await send(SCHEDULED);
  assert.deepEqual((await ledger('gone')).ledger.applied, applied);
  await until('the deploy to be pruned', async () => {
    await later(3 * MINUTES);
    return lines().includes('"deploy pruned"') ? true : undefined;
  });
  assert.equal((await ledger('gone')).ledger.applied, null);
  assert.ok(world.described.includes('gone'));
});
