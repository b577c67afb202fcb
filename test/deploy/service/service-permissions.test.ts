import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { servicePermissions } from '../../../shared/deploy/service/service-permissions.ts';

const EVENT_ORIGIN = { partition: 'aws', region: 'eu-central-1', account: '123456789012', bucket: 'store' };
const SETTINGS = {
  ...{ cluster: 'prod', service: 'api', containers: ['api'] },
  passRoles: ['arn:aws:iam::123456789012:role/execution'],
};

describe('the role of a deploy of a service', () => {
  const permissions = servicePermissions(SETTINGS, EVENT_ORIGIN);

  test('has every call that the deploy makes, and no other', () => {
    const source = readFileSync(
      new URL('../../../shared/deploy/service/ecs-client.ts', import.meta.url),
      'utf8',
    );
    const made = new Set([...source.matchAll(/new (\w+)Command\(/g)].map(([, name]) => `ecs:${name}`));
    const allowed = permissions
      .flatMap(({ actions }) => actions)
      .filter((action) => action.startsWith('ecs:'));
    assert.deepEqual(allowed.toSorted(), [...made, 'ecs:TagResource'].toSorted());
  });

  test('reaches one service, its deployments and its family; everything only where ECS knows no resource', () => {
    for (const { actions, resources } of permissions)
      for (const resource of resources)
        if (resource === '*') assert.deepEqual(actions, ['ecs:DescribeTaskDefinition']);
        else assert.match(resource, /(\/prod\/api(\/\*)?|task-definition\/api:\*|role\/execution)$/);
  });

  test('passes the named roles to tasks of ECS alone, and none where none is named', () => {
    const pass = permissions.find(({ actions }) => actions.includes('iam:PassRole'));
    assert.deepEqual(pass?.resources, SETTINGS.passRoles);
    assert.deepEqual(pass?.conditions, {
      StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
    });
    const none = servicePermissions({ ...SETTINGS, passRoles: [] }, EVENT_ORIGIN);
    assert.ok(none.every(({ actions }) => !actions.includes('iam:PassRole')));
  });
});
