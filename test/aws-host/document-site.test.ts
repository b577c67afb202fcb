import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { plantFiles } from '../support/artifacts/sample-artifacts.ts';
import { assertSound } from './support/sound.ts';
import { stackOf } from './support/stack-of.ts';
import { APP, openStory, synthesizeStory } from './support/story.ts';

/** Not of the stack: a bucket that was there. */
const BUCKET = 'team-site';
const DEPLOYS = `deploys:
  - { name: site, kind: site, source: web/app, path: public, bucket: ${BUCKET}, prefix: www, immutable: ["assets/**"] }
`;

describe('a site of the documents of a stack', () => {
  const synthesized = stackOf((folder) => synthesizeStory(folder, undefined, DEPLOYS));

  test('webhook to site: copied by S3, as the role that the construct made, and nothing beside it', async (t) => {
    const story = await openStory(t, synthesized());
    const { host } = story;
    const site = host.s3.addBucket(BUCKET);
    const served = () => site.keys('').map((key) => `${key} ${site.objects.get(key)?.bytes.toString()}`);
    plantFiles(story.registry, 'latest', {
      'public/index.html': 'one',
      'public/assets/a.1.js': 'one',
      'private.txt': 'one',
    });
    await host.pass(6);
    await host.settle();
    assert.deepEqual(served(), ['www/assets/a.1.js one', 'www/index.html one']);
    assert.match(site.objects.get('www/assets/a.1.js')?.cacheControl ?? '', /immutable/);
    host.s3.forget();
    await story.push({ 'public/index.html': 'two' });
    await host.settle();
    assert.deepEqual(served(), ['www/index.html two']);
    const put = host.s3.served.filter(({ operation, key }) => operation !== 'GetObject' && /^www/.test(key));
    assert.deepEqual(
      put.map(({ operation }) => operation).filter((operation) => operation !== 'HeadObject'),
      ['CopyObject'],
    );
    const succeeded = story.details('Deploy Succeeded', APP);
    assert.deepEqual(
      succeeded.map(({ generation, kind }) => [generation, kind]),
      [
        [1, 'site'],
        [2, 'site'],
      ],
    );
    assert.deepEqual(host.refused, []);
    assertSound(story);
  });
});
