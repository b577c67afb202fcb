import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { knownSecrets } from '../../shared/credentials/known-secrets.ts';
import { LandfallError } from '../../shared/errors.ts';
import type { Notification } from '../../shared/notify/notification.ts';
import { PROVIDER_TYPES, providerTypeOf } from '../../shared/notify/providers/provider-types.ts';
import { providerOf } from '../../shared/notify/providers/providers.ts';
import { sendHttp } from '../../shared/notify/send-http.ts';
import { notificationFor } from './samples.ts';
import { type Heard, type Script, scriptedProvider } from './scripted-provider.ts';
import * as scripts from './scripts.ts';

const TOKEN = 'canary-token-0123456789abcdef';
const COMMIT = 'a'.repeat(40);
const STATUS = { repository: 'team/app', token: { value: TOKEN } };

/** Each with how the real one checks, and what a document says of it. */
const CASES: Readonly<
  Record<string, { readonly script: Script; readonly settings: (url: string) => object }>
> = {
  slack: { script: scripts.slackScript, settings: (url) => ({ url: { value: `${url}/services/${TOKEN}` } }) },
  teams: {
    script: scripts.teamsScript,
    settings: (url) => ({ url: { value: `${url}/workflows/x?sig=${TOKEN}` } }),
  },
  discord: {
    script: scripts.discordScript,
    settings: (url) => ({ url: { value: `${url}/api/webhooks/1/${TOKEN}` } }),
  },
  'google-chat': {
    script: scripts.googleChatScript,
    settings: (url) => ({ url: { value: `${url}/v1/spaces/A/messages?key=k&token=${TOKEN}` } }),
  },
  pagerduty: {
    script: scripts.pagerdutyScript,
    settings: (url) => ({ url: `${url}/v2/enqueue`, routingKey: { value: 'k'.repeat(32) } }),
  },
  github: { script: scripts.githubScript, settings: (url) => ({ ...STATUS, url }) },
  gitlab: { script: scripts.gitlabScript, settings: (url) => ({ ...STATUS, url }) },
  gitea: { script: scripts.giteaScript, settings: (url) => ({ ...STATUS, url }) },
  webhook: {
    script: scripts.hmacScript('canary-key'),
    settings: (url) => ({ url: { value: `${url}/${TOKEN}` }, hmac: { value: 'canary-key' } }),
  },
};

/** Of a deploy, with a commit: something to every provider. */
const FAILED = notificationFor({
  id: 'web/app#2#live#failed',
  subject: 'live of web/app',
  type: 'Deploy Failed',
  facts: {
    deploy: 'live',
    commit: COMMIT,
    repository: 'github.com/team/app',
    revision: '1.0@sha256:12345678',
  },
});

/** Markup of everybody. */
const HOSTILE =
  '<!channel> <@U1> <https://evil.example|ok> **b** [x](https://evil.example) `c` @everyone <b>x</b> </script> & "q" \\ {{title}}';

async function sendTo(t: TestContext, type: string, script: Script, notification: Notification) {
  const provider = await scriptedProvider(t, script);
  const given = CASES[type]?.settings(provider.url) ?? {};
  const known = providerOf(type);
  assert.ok(known);
  const signal = new AbortController().signal;
  const sent = known.send(notification, providerTypeOf(type)?.settings.parse(given) as never, {
    secret: async (where) => {
      const text = typeof where === 'string' ? where : 'value' in where ? where.value : '';
      knownSecrets.note(text);
      return text;
    },
    http: (request) => sendHttp(request, signal),
    publish: async () => undefined,
    goesTo: () => undefined,
    signal,
  });
  return { sent, heard: provider.heard };
}

async function failureOf(sent: Promise<void>): Promise<LandfallError> {
  const error = await sent.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof LandfallError, String(error));
  assert.ok(!`${error.message} ${error.hint}`.includes(TOKEN), error.message);
  return error;
}

const LONG = 'x'.repeat(20_000);

for (const [type, { script }] of Object.entries(CASES)) {
  test(`${type} takes what it is sent, of every state and of any length`, async (t) => {
    const states = ['failing', 'well', 'pending', 'news'] as const;
    for (const state of states) {
      const { sent } = await sendTo(t, type, script, { ...FAILED, state });
      await sent;
    }
    const long = {
      ...FAILED,
      title: LONG,
      text: LONG,
      facts: { ...FAILED.facts, next: LONG, previous: LONG },
    };
    await (await sendTo(t, type, script, long)).sent;
    await (await sendTo(t, type, script, { ...FAILED, text: '' })).sent;
  });

  test(`${type}: a refusal is for good, "later" is not, and neither says the secret`, async (t) => {
    const answer = (status: number, headers = {}, body = TOKEN) =>
      sendTo(t, type, () => ({ status, headers, body }), FAILED);
    assert.equal((await failureOf((await answer(400)).sent)).code, 'NOTIFY_REFUSED');
    assert.equal((await failureOf((await answer(503)).sent)).code, 'NOTIFY_UNAVAILABLE');
    const limited = await failureOf((await answer(429, { 'retry-after': '7' })).sent);
    assert.deepEqual([limited.code, limited.retryAfterMs], ['NOTIFY_UNAVAILABLE', 7000]);
    for (const header of [{ 'retry-after': '7' }, { 'x-ratelimit-remaining': '0' }])
      assert.equal((await failureOf((await answer(403, header)).sent)).code, 'NOTIFY_UNAVAILABLE');
    const cut = await failureOf((await answer(404, {}, `${'y'.repeat(190)}${TOKEN}`)).sent);
    assert.ok(!cut.message.includes(TOKEN.slice(0, 8)), cut.message);
    const moved = await answer(307, { location: 'http://127.0.0.1:1/elsewhere' });
    const refused = await failureOf(moved.sent);
    assert.equal(refused.code, 'NOTIFY_REFUSED');
    assert.match(refused.message, /a redirect, which is not followed/);
    assert.equal(moved.heard.length, 1);
  });
}

test('every provider that is asked by HTTP is tried here', () => {
  const others = PROVIDER_TYPES.map(({ type }) => type).filter((type) => !Object.hasOwn(CASES, type));
  assert.deepEqual(others, ['email', 'sns'], 'which have files of their own');
});

const bodyOf = async (t: TestContext, type: string): Promise<Heard> => {
  const hostile = { ...FAILED, title: HOSTILE, text: HOSTILE, facts: { ...FAILED.facts, next: HOSTILE } };
  const { sent, heard } = await sendTo(t, type, CASES[type]?.script ?? (() => undefined), hostile);
  await sent;
  const [first] = heard;
  assert.ok(first);
  return first;
};

test('markup in a text is text: nobody is mentioned, and nothing is linked', async (t) => {
  const slack = JSON.parse((await bodyOf(t, 'slack')).body) as {
    readonly text: string;
    readonly attachments: readonly { readonly blocks: readonly Record<string, unknown>[] }[];
  };
  assert.ok(!/[<>]/.test(slack.text));
  const [words, fields] = slack.attachments[0]?.blocks ?? [];
  assert.equal((words?.['text'] as { readonly type: string } | undefined)?.type, 'plain_text');
  assert.ok(!/[<>]/.test(JSON.stringify(fields)));
  const discord = JSON.parse((await bodyOf(t, 'discord')).body) as Record<string, unknown>;
  assert.deepEqual(discord['allowed_mentions'], { parse: [] });
  assert.ok(!JSON.stringify(discord).includes('](https'));
  const teams = (await bodyOf(t, 'teams')).body;
  assert.ok(!/\]\(https/.test(teams) && !teams.includes('**b**'));
  const chat = (await bodyOf(t, 'google-chat')).body;
  assert.ok(
    !/<b>|<@|<https/.test(
      JSON.stringify(
        (JSON.parse(chat) as { cardsV2: [{ card: { sections: unknown } }] }).cardsV2[0].card.sections,
      ),
    ),
  );
});

test('an incident is triggered and resolved by one key, and news are none', async (t) => {
  const script = scripts.pagerdutyScript;
  const [failed, well, news] = await Promise.all(
    (['failing', 'well', 'news'] as const).map((state) =>
      sendTo(t, 'pagerduty', script, { ...FAILED, state }),
    ),
  );
  await Promise.all([failed?.sent, well?.sent, news?.sent]);
  const events = [failed, well].map(
    (each) => JSON.parse(each?.heard[0]?.body ?? '{}') as Record<string, string>,
  );
  assert.deepEqual(
    events.map((each) => each['event_action']),
    ['trigger', 'resolve'],
  );
  assert.equal(events[0]?.['dedup_key'], events[1]?.['dedup_key']);
  assert.equal(news?.heard.length, 0);
});

test('a commit of another repository, or none, is passed over', async (t) => {
  const { commit: _, ...none } = FAILED.facts;
  for (const facts of [
    { ...FAILED.facts, repository: 'github.com/other/app' },
    { ...FAILED.facts, repository: 'github.com/notteam/app' },
    none,
  ]) {
    const { sent, heard } = await sendTo(t, 'github', scripts.githubScript, { ...FAILED, facts });
    await sent;
    assert.deepEqual(heard, []);
  }
});

test('a provider that never answers is left in time, and one that nobody is at is said by its host', async (t) => {
  const controller = new AbortController();
  const provider = await scriptedProvider(t, () => undefined);
  setTimeout(() => controller.abort(), 50);
  await assert.rejects(sendHttp({ url: `${provider.url}/${TOKEN}` }, controller.signal), {
    code: 'NOTIFY_UNAVAILABLE',
  });
  const error = await failureOf(
    sendHttp({ url: `http://127.0.0.1:1/${TOKEN}?t=${TOKEN}` }, new AbortController().signal).then(
      () => undefined,
    ),
  );
  assert.match(error.message, /127\.0\.0\.1:1 cannot be reached/);
  await assert.rejects(sendHttp({ url: `file:///etc/${TOKEN}` }, controller.signal), {
    code: 'NOTIFY_REFUSED',
  });
});
