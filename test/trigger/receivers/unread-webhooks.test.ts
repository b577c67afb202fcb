import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Received, reportUnread } from '../../../functions/receive.ts';
import { LOGGED_SHAPES, LOGGED_SHAPES_MS } from '../../../shared/limits.ts';
import type { LogFields } from '../../../shared/log.ts';
import { LoggedOnce } from '../../../shared/trigger/logged-once.ts';
import { whatWasSeen } from '../../../shared/trigger/what-was-seen.ts';
import { FIXTURES } from '../senders/all.ts';
import { deliver, requestOf } from '../senders/deliver.ts';
import { DIGEST, FORM, form, REPOSITORY } from '../senders/fixture.ts';
import { mutations } from './mutations.ts';
import { SECRET } from './samples.ts';

const fixtureOf = (type: string) => {
  const found = FIXTURES.find(({ entry }) => entry.type === type);
  assert.ok(found);
  return found;
};

const SEEN: readonly (readonly [
  type: string,
  what: string,
  body: unknown,
  says: string,
  keys: string,
  headers?: Readonly<Record<string, string>>,
])[] = [
  [
    'distribution',
    'a pull',
    { events: [{ id: 'x', action: 'pull', target: { mediaType: 'application/octet-stream' } }] },
    'content-type=application/vnd.docker.distribution.events.v2+json action=pull mediaType=application/octet-stream',
    'events',
  ],
  [
    'distribution',
    'a list instead',
    [{ action: 'push' }],
    'content-type=application/vnd.docker.distribution.events.v2+json action=push',
    '[1] action',
  ],
  [
    'harbor',
    'a scan',
    { type: 'SCANNING_COMPLETED', occur_at: 1, operator: 'auto', event_data: {} },
    'type=SCANNING_COMPLETED',
    'type,occur_at,operator,event_data',
  ],
  [
    'ghcr',
    'a ping',
    { zen: 'Keep it logically awesome.', hook_id: 1 },
    'x-github-event=ping',
    'zen,hook_id',
    { 'x-github-event': 'ping' },
  ],
  [
    'gitea',
    'a push of code',
    { ref: 'refs/heads/main', commits: [] },
    'x-gitea-event=push',
    'ref,commits',
    { 'x-gitea-event': 'push' },
  ],
  [
    'cloudevents',
    'another event',
    {},
    'ce-type=com.example.deleted',
    '',
    { 'ce-type': 'com.example.deleted' },
  ],
  // https://www.alibabacloud.com/help/en/acr/user-guide/manage-webhooks
  [
    'docker-hub',
    "Alibaba's",
    { push_data: { digest: DIGEST, tag: '1' }, repository: { repo_full_name: 'a/b', repo_type: 'PUBLIC' } },
    '',
    'push_data,repository',
  ],
  ['docker-hub', 'no JSON', 'pushed', '', 'no JSON, 6 bytes'],
  [
    'quay',
    'a build',
    { build_id: 'x', trigger_kind: 'github', docker_tags: ['1'] },
    '',
    'build_id,trigger_kind,docker_tags',
  ],
  [
    'gar',
    'a delete, wrapped by Pub/Sub',
    { message: { data: Buffer.from(JSON.stringify({ action: 'DELETE', tag: 'x' })).toString('base64') } },
    'action=DELETE',
    'action,tag',
  ],
];

for (const [type, what, body, says, keys, headers] of SEEN) {
  test(`${type}, ${what}: 202, and what was seen is there to be told`, async () => {
    const fixture = fixtureOf(type);
    const got = await deliver(fixture, requestOf(fixture, { body, ...(headers && { headers }) }));
    assert.deepEqual([got.status, got.looks, got.seen], [202, 0, { says, keys }]);
  });
}

test('JSON in a form is seen as what it is', async () => {
  const gitea = fixtureOf('gitea');
  const got = await deliver(gitea, requestOf(gitea, { body: form({ ref: 'x' }), headers: FORM }));
  assert.equal(got.status, 202);
});

test('nothing is told of a push, known or not, and nothing of who is not authentic', async () => {
  for (const fixture of FIXTURES) {
    for (const one of fixture.cases.filter(({ want }) => want.length > 0)) {
      assert.equal((await deliver(fixture, requestOf(fixture, one))).seen, undefined, one.name);
    }
    if (fixture.sign === undefined) continue;
    const forged = await deliver(fixture, requestOf(fixture, { body: { type: 'x' } }, 'another secret'));
    assert.deepEqual([forged.status, forged.seen], [401, undefined]);
  }
});

const SECRETS = [
  SECRET,
  DIGEST,
  REPOSITORY,
  'ghp_16C7e42F292c6912E7710c838347Ae178B4a',
  'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N',
  'https://user:hunter2@registry.example/hook?token=abc',
  '0123456789abcdef0123456789abcdef',
];

test('what was seen is bounded, and repeats no secret as a key or a kind', () => {
  for (const secret of SECRETS) {
    const shape = { [secret]: { type: secret }, action: secret, list: [{ [secret]: secret, event: secret }] };
    for (const value of [shape, [shape], { data: shape }, ...mutations(shape)]) {
      const { says, keys } = whatWasSeen(value, { 'ce-type': secret });
      if (secret !== REPOSITORY) assert.ok(!`${says} ${keys}`.includes(secret), secret);
      assert.ok(says.length <= 8 * 120 && keys.length <= 20 * 81, `${says.length} ${keys.length}`);
    }
  }
  const wide = Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`k${at}`, { type: `t${at}` }]));
  const { says, keys } = whatWasSeen(wide);
  assert.equal(says.split(' ').length, 8);
  assert.equal(keys.split(',').length, 17);
});

test('a kind is logged once an hour for each receiver, and of many kinds no more than the limit', () => {
  let now = 0;
  const told = new LoggedOnce({ now: () => now });
  const lines: (LogFields | undefined)[] = [];
  const log = (receiver: string, keys: string): void => {
    const received: Received = { receiver, status: 202, sources: [], seen: { says: '', keys } };
    reportUnread((_, __, fields) => void lines.push(fields), received, told);
  };
  const count = (): number => lines.splice(0).length;
  for (let at = 0; at < 1000; at += 1) log('hub', 'a');
  assert.equal(count(), 1);
  log('other', 'a');
  assert.equal(count(), 1);
  now = LOGGED_SHAPES_MS - 1;
  log('hub', 'a');
  assert.equal(count(), 0);
  now = LOGGED_SHAPES_MS;
  for (let at = 0; at < LOGGED_SHAPES - 1; at += 1) log('hub', `k${at}`);
  assert.ok(lines.every((fields) => fields?.['more'] === undefined));
  log('hub', 'the last one');
  assert.equal(lines.at(-1)?.['more'], 'others are not told of for an hour');
  log('hub', 'one over the limit');
  assert.equal(count(), LOGGED_SHAPES);
});
