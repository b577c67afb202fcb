import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isMap, type Json, mapAt } from '../support/template-host/json.ts';
import type { Resource } from '../support/template-host/template.ts';
import { askForReconcile } from './support/landed.ts';
import { deploys, openSite } from './support/site-story.ts';
import { stackOf } from './support/stack-of.ts';
import { openStory, type Synthesized, synthesizeStory } from './support/story.ts';

/** The stack whose key lets EventBridge do nothing. */
function withoutEvents({ assembly, ...rest }: Synthesized): Synthesized {
  const resources = [...assembly.template.resources].map(([id, resource]): [string, Resource] => {
    if (resource.type !== 'AWS::KMS::Key') return [id, resource];
    const policy = mapAt(resource.properties, 'KeyPolicy') ?? {};
    const statements = (policy['Statement'] as readonly unknown[]).filter(
      (each) => isMap(each) && each['Sid'] !== 'EventsOfThisAccount',
    );
    const properties: Json = { ...resource.properties, KeyPolicy: { ...policy, Statement: statements } };
    return [id, { ...resource, properties }];
  });
  return {
    ...rest,
    assembly: { ...assembly, template: { ...assembly.template, resources: new Map(resources) } },
  };
}

describe('a stack with a key of its own for all it has', () => {
  const synthesized = stackOf((folder) => synthesizeStory(folder, 'test/infra/stack/encrypted-app.ts'));

  test('webhook to site: nobody is denied what it takes', async (t) => {
    const story = await openSite(t, synthesized(), { 'public/index.html': 'one' });
    await story.push({ 'public/index.html': 'two' });
    await story.host.drain();
    assert.deepEqual(story.served(), { 'index.html': 'two' });
    assert.deepEqual(deploys(story, 'Succeeded'), [1, 2]);
    assert.deepEqual(story.host.refused, []);
  });

  test('EventBridge puts nothing into its queues that the key does not let it', async (t) => {
    const story = await openStory(t, withoutEvents(synthesized()));
    askForReconcile(story);
    await story.push({ 'public/index.html': 'one' });
    await story.host.settle();
    assert.deepEqual(deploys(story, 'Succeeded'), []);
    assert.ok(
      story.host.refused.some(
        ({ principal, action }) => principal.startsWith('events.') && action.startsWith('kms:'),
      ),
    );
  });
});
