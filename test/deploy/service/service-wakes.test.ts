import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceWakes } from '../../../shared/deploy/service/service-permissions.ts';
import { serviceSettings } from '../../../shared/deploy/service/service-settings.ts';
import { matches } from '../../../shared/event/pattern/matches.ts';
import { parsePattern } from '../../../shared/event/pattern/parse-pattern.ts';
import type { EventEnvelope } from '../../../shared/model/envelope.ts';

const SERVICE = 'arn:aws:ecs:us-west-2:111122223333:service/default/servicetest';
const DEPLOYMENT =
  'arn:aws:ecs:us-west-2:111122223333:service-deployment/default/servicetest/NCWGC2ZR-taawPAYrIaU5';
const ENVELOPE = {
  ...{ version: '0', id: 'ddca6449-b258-46c0-8653-e0e3aEXAMPLE', source: 'aws.ecs' },
  ...{ account: '111122223333', time: '2020-05-23T12:31:14Z', region: 'us-west-2' },
};

/** As in https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html */
const deployment = (eventName: string, service = SERVICE) => ({
  ...ENVELOPE,
  'detail-type': 'ECS Deployment State Change',
  resources: [service],
  detail: {
    ...{ eventType: 'INFO', eventName, deploymentId: 'ecs-svc/123' },
    ...{ updatedAt: '2020-05-23T11:11:11Z', reason: 'ECS deployment deploymentID completed.' },
  },
});

/** As in https://docs.aws.amazon.com/AmazonECS/latest/developerguide/pause-lifecycle-hooks.html */
const hook = (serviceArn = SERVICE) => ({
  ...ENVELOPE,
  'detail-type': 'ECS Hook State Change',
  resources: [DEPLOYMENT],
  detail: {
    ...{
      eventType: 'INFO',
      eventName: 'HOOK_AWAITING_ACTION',
      hookId: 'ecs-pause-e7tK9G',
      hookType: 'PAUSE',
    },
    ...{ lifecycleStage: 'POST_TEST_TRAFFIC_SHIFT', serviceArn, serviceDeploymentArn: DEPLOYMENT },
    clusterArn: 'arn:aws:ecs:us-west-2:111122223333:cluster/default',
  },
});

test('what ECS tells of the service wakes its deploy, and what it tells of another does not', () => {
  const settings = serviceSettings.parse({ cluster: 'default', service: 'servicetest', containers: ['web'] });
  const origin = { partition: 'aws', region: 'us-west-2', account: '111122223333', bucket: 'store' };
  const patterns = serviceWakes(settings, origin).map((wake) => parsePattern({ ...wake }));
  const wakes = (event: object): boolean =>
    patterns.some((pattern) => matches(pattern, event as unknown as EventEnvelope));
  for (const name of ['IN_PROGRESS', 'COMPLETED', 'FAILED'])
    assert.ok(wakes(deployment(`SERVICE_DEPLOYMENT_${name}`)), name);
  assert.ok(wakes(hook()));
  for (const other of [`${SERVICE}2`, SERVICE.replace('default', 'prod')]) {
    assert.ok(!wakes(deployment('SERVICE_DEPLOYMENT_COMPLETED', other)), other);
    assert.ok(!wakes(hook(other)), other);
  }
  assert.ok(!wakes({ ...deployment('SERVICE_DEPLOYMENT_COMPLETED'), source: 'somebody.else' }));
});
