import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import { formatMessage } from '../../../shared/aws/messages/sqs-queue.ts';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { idsByGeneration } from './sound.ts';
import { APP, OTHER, openStory, type Story, type Synthesized } from './story.ts';

const REVISION = 'Artifact Revision Changed';

/** Deployed, and two sources landed once. */
export async function openLanded(t: TestContext, synthesized: Synthesized): Promise<Story> {
  const story = await openStory(t, synthesized);
  plantFiles(story.registry, 'latest', { 'index.html': 'one' });
  plantFiles(story.registry, 'latest', { 'index.html': 'one' }, { repository: 'team/other' });
  await story.host.settle();
  assert.equal(story.details(REVISION, APP).length + story.details(REVISION, OTHER).length, 2);
  return story;
}

/** Has the source looked at as a person asks for it: at once, and without the second look that a webhook has. */
export function askForReconcile({ host }: Story, id: typeof APP = APP): void {
  const body = formatMessage({ kind: 'reconcile', message: { ...id, trigger: 'request' } });
  const groupId = `${id.namespace}/${id.name}`;
  host.queue('Triggers').send({ body, groupId, deduplicationId: randomUUID() });
}

/** These generations were told of, each under one id, and nothing of the status waits. */
export function assertEmitted(story: Story, generations: readonly number[], what = ''): void {
  const ids = idsByGeneration(story.details(REVISION));
  assert.deepEqual([...ids.keys()], generations, what);
  assert.ok(
    [...ids.values()].every(({ size }) => size === 1),
    what,
  );
  const status = story.status();
  assert.deepEqual([status?.['failure'], status?.['outbox']], [null, []], what);
}
