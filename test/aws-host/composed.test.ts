import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseDigest } from '../../shared/oci/digest.ts';
import { filesPrefix } from '../../shared/store/layout.ts';
import type { Json } from '../support/template-host/json.ts';
import { openLanded } from './support/landed.ts';
import { pollsAtRest, pollsOf } from './support/polls.ts';
import { assertSound } from './support/sound.ts';
import { stackOf } from './support/stack-of.ts';
import { OTHER, type Story, synthesizeStory } from './support/story.ts';

const REVISION = 'Artifact Revision Changed';
const BOTH = { namespace: 'web', name: 'both' };
const SOURCE = `  - { namespace: web, name: both, interval: 5m, include: [{ source: app }, { source: other, from: index.html, to: other.html }] }
`;

const filesOf = (story: Story): Readonly<Record<string, string>> => {
  const current = story.status(BOTH)?.['current'] as Json;
  const prefix = filesPrefix({ digest: parseDigest(String(current['digest'])), variant: 'default' });
  const keys = story.bucket.keys(prefix);
  return Object.fromEntries(
    keys.map((key) => [key.slice(prefix.length), story.bucket.objects.get(key)?.bytes.toString() ?? '']),
  );
};

describe('a composed source of a stack', () => {
  const synthesized = stackOf((folder) => synthesizeStory(folder));

  test('is composed by S3, woken by its parts through the queue, and at rest costs a poll nothing of its own', async (t) => {
    const story = await openLanded(t, synthesized());
    const { host } = story;
    host.s3.forget();
    story.edit((text) => text.replace('credentials:', `${SOURCE}credentials:`));
    await host.settle();
    assert.deepEqual(filesOf(story), { 'index.html': 'one', 'other.html': 'one' });
    const operations = () => host.s3.served.map(({ operation }) => operation);
    assert.equal(operations().filter((each) => each === 'CopyObject').length, 2);

    host.s3.forget();
    await story.push({ 'index.html': 'two' }, 'team/other');
    await host.settle();
    assert.deepEqual(filesOf(story), { 'index.html': 'one', 'other.html': 'two' });
    const [told = {}] = story.details(REVISION, BOTH).slice(-1);
    assert.deepEqual(
      (told['parts'] as readonly Json[]).map(({ source, change }) => [source, change]),
      [
        ['web/app', 'unchanged'],
        ['web/other', 'changed'],
      ],
    );
    assert.equal(story.details(REVISION, OTHER).length, 2);

    await pollsOf(host, 12);
    const before = story.details(REVISION, BOTH).length;
    const { GetObject, ...others } = await pollsAtRest(host);
    assert.deepEqual(others, {}, 'five minutes of polls list and write nothing');
    assert.equal(GetObject, 5 * 2, 'the same as without it: see main-job.ts');
    assert.equal(story.details(REVISION, BOTH).length, before);
    assertSound(story);
  });
});
