import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ClusterAnswer } from '../../../../shared/deploy/kubernetes/cluster/cluster.ts';
import { isImmutable } from '../../../../shared/deploy/kubernetes/cluster/cluster-refusal.ts';
import { ClusterResources } from '../../../../shared/deploy/kubernetes/cluster/cluster-resources.ts';
import { liveObject } from '../../../../shared/deploy/kubernetes/cluster/live-objects.ts';
import type { JsonObject } from '../../../../shared/kernel/json.ts';

const answer = (status: number, body: JsonObject): ClusterAnswer => ({ status, body, warnings: [] });

const WIDGETS = { resources: [{ kind: 'Widget', name: 'widgets', namespaced: true }] };

/** Answers from a list, and then its last one again and again. */
function answering(...answers: readonly ClusterAnswer[]) {
  const paths: string[] = [];
  const send = async ({ path }: { readonly path: string }): Promise<ClusterAnswer> => {
    paths.push(path);
    return answers[Math.min(paths.length, answers.length) - 1] ?? assert.fail();
  };
  return { cluster: { send }, paths };
}

for (const [status, message, isIt] of [
  [422, 'spec.selector: Invalid value: field is immutable', true],
  [409, 'spec.selector: Invalid value: field is immutable', true],
  [409, 'the object has been modified', false],
  [422, 'spec.replicas: Invalid value: -1', false],
  [403, 'admission webhook "a" denied the request: this field is immutable field', false],
  [500, 'field is immutable', false],
] as const)
  test(`${status} ${message} is ${isIt ? '' : 'not '}of a field that stays what it was made with`, () =>
    assert.equal(isImmutable(answer(status, { message })), isIt));

describe('the kinds of an API server', () => {
  test('of one group and version are asked for once', async () => {
    const { cluster, paths } = answering(answer(200, WIDGETS));
    const resources = new ClusterResources(cluster);
    for (let again = 0; again < 3; again += 1)
      assert.equal((await resources.find('a.io/v1', 'Widget'))?.plural, 'widgets');
    assert.deepEqual(paths, ['/apis/a.io/v1']);
  });

  test('are asked for again for one that a definition brings meanwhile', async () => {
    const { cluster } = answering(answer(404, {}), answer(200, WIDGETS));
    const resources = new ClusterResources(cluster);
    assert.equal(await resources.find('a.io/v1', 'Widget'), undefined);
    assert.equal((await resources.find('a.io/v1', 'Widget'))?.isNamespaced, true);
  });
});

test('an object that may not be read is no object that is not there', async () => {
  const resource = { apiVersion: 'v1', plural: 'secrets', isNamespaced: true };
  const id = { group: '', kind: 'Secret', namespace: 'web', name: 'a' };
  const read = (status: number) =>
    liveObject(answering(answer(status, { message: 'no' })).cluster, { id, resource });
  assert.equal(await read(404), undefined);
  await assert.rejects(read(403), { code: 'DEPLOY_FAILED', message: /Secret\/web\/a cannot be read/ });
});
