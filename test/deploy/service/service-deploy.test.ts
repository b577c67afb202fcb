import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceDeploy } from '../../../shared/deploy/service/service-deploy.ts';
import { accessTo, imageOf, serviceWorld } from './service-world.ts';

test('a service as a kind of deploy plans, steps and looks by its document', async (t) => {
  const { ecs } = await serviceWorld(t);
  const settings = { cluster: 'prod', service: 'api', containers: ['api'] };
  const event = { detail: { url: 'oci://registry.example/web/api' } };
  const revision = { digest: `sha256:${'b'.repeat(64)}` };
  const context = { settings, event, revision, deploy: { name: 'api' }, aws: accessTo(ecs) } as never;
  const { changes } = await serviceDeploy.plan(context);
  assert.deepEqual(changes, [
    { action: 'update', what: 'container api', why: `${imageOf('a')} → ${imageOf('b')}` },
  ]);
  const begun = await serviceDeploy.step(context);
  assert.ok(begun.state === 'running');
  ecs.advance(3);
  assert.equal((await serviceDeploy.look?.(context, begun.progress))?.state, 'succeeded');
  assert.equal((await serviceDeploy.step(context)).state, 'succeeded');
});
