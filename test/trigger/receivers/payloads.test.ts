import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX } from '../../../shared/oci/media-types.ts';
import { receiverPath } from '../../../shared/trigger/receivers/open-receiver.ts';
import { answerTo, distribution, entries, generic, push } from '../requests.ts';
import { DIGEST, pushEvent, SECRET } from './samples.ts';

const distributionCases: readonly { name: string; body: unknown; names: readonly string[]; type?: string }[] =
  [
    {
      name: 'v1 events',
      body: push,
      names: ['app'],
      type: 'application/vnd.docker.distribution.events.v1+json',
    },
    {
      name: 'plain JSON with a charset',
      body: push,
      names: ['app'],
      type: 'Application/JSON; charset=utf-8',
    },
    { name: 'another content type', body: push, names: [], type: 'application/x-www-form-urlencoded' },
    { name: 'an index', body: { events: [pushEvent({ mediaType: OCI_INDEX })] }, names: ['app'] },
    {
      name: 'a Docker manifest',
      body: { events: [pushEvent({ mediaType: DOCKER_MANIFEST })] },
      names: ['app'],
    },
    { name: 'a Docker list', body: { events: [pushEvent({ mediaType: DOCKER_LIST })] }, names: ['app'] },
    {
      name: 'a manifest without a tag',
      body: { events: [pushEvent({ tag: undefined })] },
      names: ['app', 'stable'],
    },
    {
      name: 'a tag without a media type',
      body: { events: [pushEvent({ mediaType: undefined })] },
      names: ['app'],
    },
    {
      name: 'neither tag nor media type',
      body: { events: [pushEvent({ mediaType: undefined, tag: undefined })] },
      names: [],
    },
    { name: 'a digest for a tag', body: { events: [pushEvent({ tag: DIGEST })] }, names: ['app', 'stable'] },
    {
      name: 'a blob',
      body: { events: [pushEvent({ mediaType: 'application/octet-stream', tag: undefined })] },
      names: [],
    },
    {
      name: 'a layer',
      body: {
        events: [
          pushEvent({ mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', tag: undefined }),
        ],
      },
      names: [],
    },
    ...['pull', 'delete', 'mount', 'PUSH', '', null, 5].map((action) => ({
      name: `action ${JSON.stringify(action)}`,
      body: { events: [pushEvent({}, { action })] },
      names: [],
    })),
    {
      name: 'a delete of a tag, which has no digest',
      body: { events: [{ action: 'delete', target: { repository: 'team/app', tag: 'x' } }] },
      names: [],
    },
    { name: 'no events', body: { events: [] }, names: [] },
    {
      name: 'a broken event beside a good one',
      body: {
        events: [
          null,
          5,
          {},
          pushEvent({ repository: 7 }),
          { action: 'push' },
          pushEvent(),
          pushEvent({ repository: 'x/y' }),
        ],
      },
      names: ['app'],
    },
    {
      name: 'a repository of another registry',
      body: { events: [pushEvent({ repository: 'evil.example/team/app' })] },
      names: [],
    },
  ];
for (const { name, body, names, type } of distributionCases) {
  test(`distribution, ${name}: 202 and ${names.join(', ') || 'nothing'} enqueued`, async () => {
    const got = await answerTo(distribution(body, type === undefined ? {} : { 'content-type': type }));
    assert.deepEqual({ status: got.status, names: got.names }, { status: 202, names });
  });
}

const genericCases: readonly { name: string; body: unknown; names: readonly string[] }[] = [
  { name: 'a repository alone', body: { repository: 'team/app' }, names: ['app', 'stable'] },
  {
    name: 'nulls for what is not known',
    body: { repository: 'team/app', tag: null, digest: null, host: null },
    names: ['app', 'stable'],
  },
  {
    name: 'a host of its own choosing',
    body: { repository: 'team/app', tag: 'stable', host: 'evil.example' },
    names: ['app', 'stable'],
  },
  { name: 'keys of a later version', body: { repository: 'team/app', tag: '2', actor: {} }, names: ['app'] },
  { name: 'no repository', body: { tag: '1' }, names: [] },
  { name: 'an empty repository', body: { repository: '' }, names: [] },
  { name: 'a number for a tag', body: { repository: 'team/app', tag: 1 }, names: [] },
  { name: 'a list', body: [{ repository: 'team/app' }], names: [] },
];
for (const { name, body, names } of genericCases) {
  test(`generic, ${name}: 202 and ${names.join(', ') || 'nothing'} enqueued`, async () => {
    const got = await answerTo(generic(body));
    assert.deepEqual({ status: got.status, names: got.names }, { status: 202, names });
  });
}

const malformed: readonly unknown[] = [
  '',
  'null',
  '5',
  '"x"',
  '[]',
  '{}',
  '{"events": {}}',
  '{"events": "x"}',
  '{"events": [',
  'a=b&c=d',
  '\u0000',
  '['.repeat(200_000),
  '{"events":'.repeat(50_000),
  '{"__proto__": {"events": []}}',
];
for (const body of malformed) {
  test(`an authentic body ${JSON.stringify(body).slice(0, 40)} is accepted and does nothing`, async () => {
    for (const request of [distribution(body), generic(body)]) {
      const { status, names } = await answerTo(request);
      assert.deepEqual({ status, names }, { status: 202, names: [] });
    }
  });
}

test('bytes that are not UTF-8, or compressed, are accepted and do nothing', async () => {
  for (const body of [Buffer.from([0xff, 0xfe, 0x7b]), Buffer.from([0x1f, 0x8b, 8, 0])]) {
    const { status, told } = await answerTo({ ...distribution('', { 'content-encoding': 'gzip' }), body });
    assert.equal(status, 202);
    assert.equal(told[0]?.code, 'WEBHOOK_MALFORMED');
  }
});

test('any authentic JSON is a 202, and nothing is enqueued that is not configured', async () => {
  const anything = fc.jsonValue();
  const envelope = fc.record({
    events: fc.array(fc.oneof(anything, fc.record({ action: fc.constant('push'), target: anything }))),
  });
  await fc.assert(
    fc.asyncProperty(fc.oneof(anything, envelope), async (body) => {
      for (const request of [distribution(body), generic(body)]) {
        const { status, names } = await answerTo(request);
        assert.equal(status, 202);
        assert.deepEqual(names, []);
      }
    }),
  );
});

test('any request whatever gets an answer below 500', async () => {
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom('POST', receiverPath(entries.distribution, SECRET), '/', '//', '?'),
  );
  await fc.assert(
    fc.asyncProperty(
      text,
      text,
      fc.dictionary(fc.string(), fc.string()),
      fc.uint8Array(),
      async (method, path, headers, body) => {
        assert.ok((await answerTo({ method, path, headers, body })).status < 500);
      },
    ),
  );
});
