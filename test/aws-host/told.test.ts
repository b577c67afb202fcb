import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { background } from '../../shared/kernel/background.ts';
import { documentKey } from '../../shared/store/layout.ts';
import { slackScript } from '../notify/scripts.ts';
import { plantFiles } from '../support/artifacts/sample-artifacts.ts';
import type { Json } from '../support/template-host/json.ts';
import { until } from '../support/until.ts';
import { assertSound } from './support/sound.ts';
import { stackOf } from './support/stack-of.ts';
import { CANARY, openTold, synthesizeTold } from './support/told-story.ts';

describe('who is told by a stack', () => {
  const stack = stackOf((folder) => synthesizeTold(folder));

  test('a push whose deploy fails is a message on Slack, and the next push tells its end', async (t) => {
    const story = await openTold(t, stack());
    const { host, live } = story;
    await story.land();
    live.isGood = false;
    await story.push({ 'app.yaml': 'two' });
    await host.settle();
    live.isGood = true;
    await story.push({ 'app.yaml': 'three' });
    await host.settle();
    const titles = story.titles();
    assert.equal(titles.length, 3, titles.join('\n'));
    assert.match(titles[0] ?? '', /^Deploy live of web\/app is at latest@sha256/);
    assert.match(titles[1] ?? '', /^Deploy live of web\/app failed at latest@sha256/);
    assert.match(titles[2] ?? '', /^Deploy live of web\/app is at latest@sha256/);
    assert.match(story.slack.heard[1]?.body ?? '', /DEPLOY_FAILED/);
    assert.deepEqual(story.ids().length, 3);
    assert.deepEqual(host.refused, []);
    const log = host.lambda('Notify').log.join('\n');
    assert.ok(!log.includes(CANARY), 'the address of a hook is a secret');
    assertSound(story);
  });

  test('one that takes nothing for the moment is told later, once, and holds up nobody else', async (t) => {
    let isDown = true;
    const story = await openTold(t, stack(), {
      slack: (heard, nth) =>
        isDown ? { status: 429, headers: { 'retry-after': '1' } } : slackScript(heard, nth),
    });
    await story.land();
    assert.equal(story.ids().length, 1, 'the other is told meanwhile');
    const tried = story.slack.heard.length;
    assert.ok(tried >= 1);
    isDown = false;
    const isEmpty = (): true | undefined =>
      isDeepStrictEqual(story.book('team')?.['outbox'], []) ? true : undefined;
    await story.later('it to be told', isEmpty);
    await story.host.drain();
    assert.match(story.titles().slice(tried).join('\n'), /^Deploy live of web\/app is at latest\S*$/);
    assert.ok(story.log().some(({ message, notify }) => message === 'not told yet' && notify === 'team'));
  });

  for (const [what, answer] of [
    ['refuses', { status: 400, body: 'invalid_payload' }],
    ['redirects', { status: 302, headers: { location: 'http://127.0.0.1:1/elsewhere' } }],
  ] as const)
    test(`what one ${what} is dropped and counted, and what comes next is told`, async (t) => {
      let isWrong = true;
      const story = await openTold(t, stack(), {
        hook: () => (isWrong ? answer : { status: 200 }),
      });
      const { host } = story;
      await story.land();
      isWrong = false;
      await story.push({ 'app.yaml': 'two' });
      await host.settle();
      assert.equal(story.ids().length, 2);
      const line = story.log().find(({ message }) => message === 'not told');
      assert.deepEqual([line?.['notify'], line?.['code']], ['own', 'NOTIFY_REFUSED']);
      assert.ok(story.log().some((each) => each['NotTold'] === 1 && '_aws' in each));
      assert.ok(!host.lambda('Notify').log.join('\n').includes('canary'));
    });

  test('one that hangs holds up nobody else, and is asked once at a time', async (t) => {
    const story = await openTold(t, stack(), { slack: () => undefined });
    const { host } = story;
    plantFiles(story.registry, 'latest', { 'app.yaml': 'one' });
    const landing = host.pass(6);
    await until('the other to be told', () => story.ids()[0]);
    await until('it to be asked', () => story.slack.heard[0]);
    await story.push({ 'app.yaml': 'two' });
    const settling = host.settle();
    await until('the other to be told again', () => story.ids()[1]);
    assert.equal(story.slack.heard.length, 1);
    await Promise.all([landing, settling]);
    assert.ok(story.log().some(({ message, notify }) => message === 'not told yet' && notify === 'team'));
  });

  test('the same event again is told once, also by a function that starts anew', async (t) => {
    const story = await openTold(t, stack());
    const { host } = story;
    await story.land();
    const queue = host.queue('NotifySubscriptionEvents');
    const bodies = host.events
      .filter(({ event }) => event['source'] === 'landfall')
      .map(({ event }) => JSON.stringify(event));
    assert.ok(bodies.length > 2);
    await host.killFunctions();
    for (const body of [...bodies, ...bodies.toReversed()]) queue.sendBody(body);
    await host.settle();
    assert.deepEqual([story.ids().length, story.titles().length], [1, 1]);
    assert.deepEqual(host.queue('NotifySubscriptionDeadLetters').bodies, []);
  });

  test('a function that is killed after it was told and before it wrote that down tells it again, with the same id, and once', async (t) => {
    let kill: (() => Promise<void>) | undefined;
    const story = await openTold(t, stack(), {
      hook: (_, nth) => {
        if (nth > 1) return { status: 200 };
        background('a kill', kill?.() ?? Promise.resolve(), () => undefined);
        return undefined;
      },
    });
    const { host } = story;
    kill = () => host.lambda('Notify').kill();
    await story.land();
    assert.equal(story.ids().length, 1);
    await host.pass(3);
    assert.equal(story.ids().length, 1, 'while it may still be at it, nobody else is');
    // Functions tell the time by the machine, which does not wait two minutes here.
    story.changeBook('own', (book) => ({
      ...book,
      outbox: (book['outbox'] as readonly Json[]).map((each) => ({ ...each, next: 0 })),
    }));
    await host.fire('NotifyLook', Date.now());
    await host.settle();
    const [first, second] = story.ids();
    assert.equal(first, second);
    assert.equal(story.ids().length, 2);
  });

  test('an entry that is taken away while messages wait is told nothing more, and forgotten', async (t) => {
    const story = await openTold(t, stack(), { hook: () => ({ status: 503 }) });
    const { host } = story;
    await story.land();
    assert.ok(story.ids().length > 0);
    story.edit((text) => text.replace(/ {2}- \{ name: own[^}]+\}[^}]+\}[^}]+\}\n/, ''));
    await host.settle();
    const told = story.ids().length;
    await host.pass(3);
    assert.equal(story.ids().length, told);
    assert.ok(story.book('own') !== undefined, 'what goes from one document into another keeps its book');
    await host.fire('NotifyLook', Date.now());
    await host.pass(3);
    assert.equal(story.book('own'), undefined);
    assert.ok(story.book('team') !== undefined);
    assert.equal(story.ids().length, told);
  });

  test('a name in two documents is told as the one has it that was in force', async (t) => {
    const story = await openTold(t, stack());
    const { host, slack } = story;
    await host.settle();
    const other = `notify: [{ name: team, type: webhook, url: "${slack.url}/other" }]`;
    const document = { bytes: Buffer.from(other), sha256: undefined, contentType: 'text/yaml', etag: '"x"' };
    story.bucket.put(documentKey('zz.yaml'), document);
    await host.settle();
    await story.land();
    assert.match(story.titles().join('\n'), /^Deploy live of web\/app is at/m);
    assert.ok(slack.heard.every(({ path }) => path === `/services/T0/B0/${CANARY}`));
  });

  test('a secret that was bound to one place goes to no other that a document names later', async (t) => {
    const story = await openTold(t, stack());
    const { host, slack } = story;
    story.edit((text) => text.replace(/http:\/\/127\.0\.0\.1:\d+\/hook/, `${slack.url}/elsewhere`));
    await host.settle();
    await story.land();
    const line = story.log().find(({ notify, message }) => notify === 'own' && message === 'not told yet');
    assert.equal(line?.['code'], 'SECRET_DENIED');
    assert.ok(slack.heard.every(({ path }) => path !== '/elsewhere'));
  });
});
