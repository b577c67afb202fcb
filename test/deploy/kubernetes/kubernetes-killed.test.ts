import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { systemClock } from '../../../shared/clock.ts';
import { findKubectl } from '../../../shared/deploy/kubernetes/build/kubectl.ts';
import type { Cluster } from '../../../shared/deploy/kubernetes/cluster/cluster.ts';
import { openCluster } from '../../../shared/deploy/kubernetes/cluster/open-cluster.ts';
import { valueAt } from '../../../shared/deploy/kubernetes/cluster-object.ts';
import { converge } from '../../../shared/deploy/kubernetes/converge.ts';
import { removeObjects } from '../../../shared/deploy/kubernetes/kubernetes-remove.ts';
import { visitCluster } from '../../../shared/deploy/kubernetes/kubernetes-visit.ts';
import { type ApiServer, apiServerSkip, startApiServer } from '../../support/kubernetes/api-server.ts';
import { clusterDeploy, configMap } from './cluster/cluster-world.ts';

let server: ApiServer;
before(async () => {
  if (apiServerSkip === false) server = await startApiServer();
});
after(async () => server?.stop());
const skip = apiServerSkip;

class Cut extends Error {}

/** Ends a visit at one of its writes, before it is made or after: whoever waited for the answer is gone. */
function cutAt(
  cluster: Cluster,
  at: number,
  when: 'before' | 'after',
): { readonly cluster: Cluster; readonly writes: () => number } {
  let writes = 0;
  const send: Cluster['send'] = async (request) => {
    const isWrite = request.method !== 'GET' && request.query?.['dryRun'] === undefined;
    if (isWrite) writes += 1;
    const isCut = writes >= at;
    if (isCut && (when === 'before' || writes > at)) throw new Cut('cut');
    const answer = await cluster.send(request);
    if (isCut) throw new Cut('cut');
    return answer;
  };
  return { cluster: { send }, writes: () => writes };
}

const FIRST = Object.fromEntries(
  ['a', 'b', 'c'].map((name) => [`${name}.yaml`, configMap(`killed-${name}`, { x: '1' })]),
);
/** One is changed, one is new, two have left. */
const SECOND = { 'a.yaml': configMap('killed-a', { x: '2' }), 'd.yaml': configMap('killed-d', { x: '1' }) };

const ours = async (): Promise<readonly string[]> =>
  (
    await server.kubectl(
      'get',
      'configmap',
      '-o',
      'jsonpath={range .items[*]}{.metadata.name}={.data.x} {end}',
    )
  )
    .split(' ')
    .filter((name) => name.startsWith('killed-'))
    .toSorted();

test('a visit that is cut off at any of its writes leaves nothing that the next does not know of', {
  skip,
  timeout: 300_000,
}, async () => {
  const kubectl = await findKubectl(AbortSignal.timeout(60_000));
  await using open = await openCluster({
    ...{ kubectl, kubeconfig: server.kubeconfig, context: undefined, serviceAccount: undefined },
    ...{ clock: systemClock, signal: AbortSignal.timeout(280_000) },
  });
  const deploy = clusterDeploy(server, { name: 'killed' });
  const visitOf = (files: Readonly<Record<string, string>>, cluster: Cluster) =>
    visitCluster(deploy.context(files), kubectl, cluster);
  let points = 0;
  for (const when of ['before', 'after'] as const)
    for (let at = 1; ; at += 1) {
      await converge(visitOf(FIRST, open.cluster));
      const cut = cutAt(open.cluster, at, when);
      const isCut = await converge(visitOf(SECOND, cut.cluster)).then(
        () => false,
        (error: unknown) => {
          assert.ok(error instanceof Cut, String(error));
          return true;
        },
      );
      // Whatever it came to, all there is of ours is on the list.
      const inventory = await visitOf(SECOND, open.cluster).inventory.read();
      for (const each of await ours())
        assert.ok(
          inventory.has(` ConfigMap default ${each.split('=')[0]}`),
          `${each} at write ${at}, cut ${when}`,
        );
      await converge(visitOf(SECOND, open.cluster));
      assert.deepEqual(await ours(), ['killed-a=2', 'killed-d=1'], `at write ${at}, cut ${when}`);
      if (!isCut) break;
      points += 1;
      // In every other round all is taken away, also by a removal that is cut off.
      await removeObjects(visitOf(SECOND, cutAt(open.cluster, at, when).cluster)).catch(() => undefined);
      for (;;) if ((await removeObjects(visitOf(SECOND, open.cluster))).state === 'succeeded') break;
      assert.deepEqual(await ours(), []);
    }
  assert.ok(points >= 10, `${points} points`);
});

test('objects that are as they were left are asked about in lists, not one by one', {
  skip,
  timeout: 120_000,
}, async () => {
  const kubectl = await findKubectl(AbortSignal.timeout(60_000));
  await using open = await openCluster({
    ...{ kubectl, kubeconfig: server.kubeconfig, context: undefined, serviceAccount: undefined },
    ...{ clock: systemClock, signal: AbortSignal.timeout(110_000) },
  });
  const many = (changed: number) =>
    Object.fromEntries(
      Array.from({ length: 300 }, (_, at) => [
        `${at}.yaml`,
        configMap(`many-${at}`, { x: at < changed ? 'new' : 'old' }),
      ]),
    );
  const deploy = clusterDeploy(server, { name: 'many' });
  const requests: string[] = [];
  const counting: Cluster = {
    send: async (request) => {
      requests.push(`${request.method} ${valueAt(request.query, 'dryRun') ?? ''}`.trim());
      return open.cluster.send(request);
    },
  };
  const run = async (changed: number): Promise<readonly string[]> => {
    requests.length = 0;
    await converge(visitCluster(deploy.context(many(changed)), kubectl, counting));
    return requests.toSorted();
  };
  await run(0);
  // kubectl makes 300 of them.
  assert.deepEqual(await run(0), ['GET', 'GET', 'GET']);
  const changed = await run(5);
  assert.equal(changed.filter((each) => each === 'PATCH All').length, 5);
  assert.equal(changed.filter((each) => each === 'PATCH').length, 5);
  assert.ok(changed.length < 20, `${changed.length} requests`);
});
