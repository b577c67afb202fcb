import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { plantFiles } from '../support/sample-artifacts.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder.ts';
import { openStory, type Synthesized, synthesizeStory } from './story.ts';

describe('the synthesized stack', () => {
  let folder: TemporaryFolder;
  let stack: Synthesized;
  before(async () => {
    folder = await temporaryFolder();
    stack = await synthesizeStory(folder.path);
  });
  after(() => folder.remove());

  test('lands what its documents name once it is deployed', async (t) => {
    const { host, registry, status, details } = await openStory(t, stack);
    plantFiles(registry, 'latest', { 'index.html': 'one' });
    await host.settle();
    console.log(host.lambda('FunctionsReconcile').log.slice(-10), host.lambda('Documents').log);
    console.log(status(), details('Artifact Revision Changed'));
    assert.ok(status());
  });
});
