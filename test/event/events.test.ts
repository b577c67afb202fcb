import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LandfallError } from '../../shared/errors.ts';
import { changesBetween } from '../../shared/event/changes.ts';
import {
  deployDecidedEvent,
  deployFailedEvent,
  deployStartedEvent,
  deploySucceededEvent,
  deployWaitingEvent,
} from '../../shared/event/deploy-events.ts';
import { reconcileFailedEvent, sourceRecoveredEvent } from '../../shared/event/failed.ts';
import { capStrings, capText } from '../../shared/event/fit.ts';
import { revisionChangedEvent } from '../../shared/event/revision-changed.ts';
import { EVENT_ANNOTATIONS_BYTES, EVENT_BYTES, EVENT_MESSAGE_CHARACTERS, KiB } from '../../shared/limits.ts';
import type { EventEnvelope } from '../../shared/model/envelope.ts';
import { DETAIL_SCHEMAS } from '../../shared/model/event-schema.ts';
import type { Failure } from '../../shared/model/status.ts';
import { digestOf, hexOf } from '../../shared/oci/digest.ts';
import { detailOf, fileEntry, sampleChange, sampleOrigin, sampleRevision, sampleSource } from './samples.ts';

const failure: Failure = {
  code: 'TAG_NOT_FOUND',
  message: 'tag 7.0.0 is not in oci://ghcr.io/a',
  hint: null,
  kind: 'permanent',
  subject: 'sha256:spec',
  attempts: 3,
  since: '2026-11-21T07:00:00.000Z',
  at: '2026-11-21T08:00:00.000Z',
};
const status = { generation: 4, current: sampleRevision(4) };
const failed = { source: sampleSource, status, failure, trigger: 'schedule', origin: sampleOrigin } as const;
const run = {
  source: sampleSource,
  deploy: 'site',
  kind: 'directory',
  revision: sampleRevision(4),
  attempt: 1,
  origin: sampleOrigin,
};

const held = {
  source: run.source,
  deploy: run.deploy,
  kind: run.kind,
  revision: run.revision,
  origin: run.origin,
};

const built: readonly EventEnvelope[] = [
  revisionChangedEvent(sampleChange(1)),
  revisionChangedEvent(sampleChange(2)),
  reconcileFailedEvent(failed),
  reconcileFailedEvent({ ...failed, status: { generation: 0, current: null } }),
  sourceRecoveredEvent(failed),
  deployStartedEvent(run),
  deploySucceededEvent({ ...run, durationMs: 12.4 }),
  deployFailedEvent({
    ...run,
    durationMs: 12.6,
    error: new LandfallError('DEPLOY_FAILED', 'no', { hint: 'try' }),
    isRolledBack: false,
  }),
  deployWaitingEvent(
    held,
    { waitsFor: 'approval', message: 'for Ada', next: null, plan: { summary: '1 to update', changes: 1 } },
    '2026-11-21T00:00:00.000Z',
  ),
  deployWaitingEvent(
    held,
    { waitsFor: 'window', message: 'for a window', next: '2026-11-21T09:00:00.000Z', plan: null },
    '2026-11-21T00:00:00.000Z',
  ),
  deployDecidedEvent(held, { decision: 'rejected', by: 'ada', reason: null }),
];

for (const event of built) {
  test(`${event['detail-type']} ${event.id} is what its schema says, and says nothing else`, () => {
    assert.deepEqual(DETAIL_SCHEMAS[event['detail-type']].strict().parse(event.detail), event.detail);
    assert.equal(event.detail['id'], event.id);
    assert.deepEqual(JSON.parse(JSON.stringify(event)), event);
  });
}

test('no two of these facts share an id', () => {
  const ids = [
    ...built.map(({ id }) => id),
    sourceRecoveredEvent({ ...failed, status: { generation: 0, current: null } }).id,
  ];
  assert.equal(new Set(ids).size, ids.length);
});

test('the id is readable: namespace, name, generation, digest', () => {
  const hex = hexOf(sampleRevision(7).digest).slice(0, 12);
  assert.equal(revisionChangedEvent(sampleChange(7)).id, `web.podinfo.7.${hex}`);
});

test('the same revision makes the same event, whatever triggered or labelled the repeat keeps its id', () => {
  assert.deepEqual(revisionChangedEvent(sampleChange(3)), revisionChangedEvent(sampleChange(3)));
  const other = sampleChange(3, { trigger: 'schedule', source: { ...sampleSource, labels: {} } });
  assert.equal(revisionChangedEvent(other).id, revisionChangedEvent(sampleChange(3)).id);
});

test('a failure keeps its id however often it is tried, and the next episode has another', () => {
  const id = reconcileFailedEvent(failed).id;
  assert.equal(
    reconcileFailedEvent({ ...failed, failure: { ...failure, attempts: 9, message: 'again' } }).id,
    id,
  );
  assert.notEqual(reconcileFailedEvent({ ...failed, failure: { ...failure, since: failure.at } }).id, id);
});

test('the files, the record and the previous revision are where the event says', () => {
  const { digest } = sampleRevision(2);
  const detail = DETAIL_SCHEMAS['Artifact Revision Changed'].parse(
    revisionChangedEvent(sampleChange(2)).detail,
  );
  assert.deepEqual(detail.artifact, {
    bucket: '/var/lib/landfall',
    prefix: `artifacts/sha256/${hexOf(digest)}/default/files/`,
    record: `artifacts/sha256/${hexOf(digest)}/default/artifact.json`,
    files: 2,
    links: 0,
    size: 100,
  });
  assert.equal(detail.previous?.generation, 1);
  assert.equal(detail.previous?.digest, sampleRevision(1).digest);
});

test('content is unchanged where the content digest is, even if the tag moved', () => {
  const contentDigest = digestOf('same');
  const change = sampleChange(2, {
    revision: sampleRevision(2, { contentDigest }),
    previous: sampleRevision(1, { contentDigest }),
    changes: changesBetween(null, { files: [], links: [] }),
  });
  const contentOf = (event: EventEnvelope): unknown =>
    (detailOf(event)['changes'] as Record<string, unknown>)['content'];
  assert.equal(contentOf(revisionChangedEvent(change)), 'unchanged');
  assert.equal(contentOf(revisionChangedEvent(sampleChange(2))), 'changed');
  assert.equal(contentOf(revisionChangedEvent(sampleChange(1))), 'changed');
});

test('stays under the size of an EventBridge entry with the worst artifact there can be', () => {
  // A control character costs one byte in the manifest and six in JSON.
  const value = '\u0001'.repeat(4 * KiB - 8);
  const annotations = Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`a${index}`, value]));
  const worst = {
    annotations,
    artifactType: 'x'.repeat(1_000_000),
    mediaType: '\u0001'.repeat(100_000),
    tag: 't'.repeat(128),
  };
  const labels = Object.fromEntries(
    Array.from({ length: 5000 }, (_, index) => [`l${index}`, 'v'.repeat(60)]),
  );
  const paths = Array.from({ length: 50_000 }, (_, index) => `${index}/${'ü'.repeat(400)}`);
  const event = revisionChangedEvent(
    sampleChange(2, {
      source: { ...sampleSource, labels },
      revision: sampleRevision(2, worst),
      previous: sampleRevision(1, worst),
      changes: changesBetween(null, {
        files: paths.map((path) => fileEntry(path)),
        links: paths.map((path) => ({ path: `${path}l`, target: 'x' })),
      }),
    }),
  );
  assert.ok(Buffer.byteLength(JSON.stringify(event)) < EVENT_BYTES / 2);
});

test('annotations keep what fits whole, and the well-known ones first', () => {
  const revision = 'org.opencontainers.image.revision';
  const given = { aaa: 'x'.repeat(50), [revision]: 'r', zzz: 'z' };
  const all = Buffer.byteLength(JSON.stringify(given)) + 1;
  assert.deepEqual(capStrings(given, all), given);
  assert.deepEqual(capStrings(given, all - 1), { aaa: given.aaa, [revision]: 'r' });
  assert.deepEqual(capStrings(given, 60), { [revision]: 'r', zzz: 'z' });
  assert.deepEqual(capStrings(given, 0), {});
  assert.ok(all < EVENT_ANNOTATIONS_BYTES);
});

test('an annotation named __proto__ stays an annotation', () => {
  const given = JSON.parse('{"__proto__": "x"}') as Record<string, string>;
  assert.deepEqual(JSON.stringify(capStrings(given, 100)), '{"__proto__":"x"}');
});

test('a message is cut one character over the limit, and says so', () => {
  const exact = 'm'.repeat(EVENT_MESSAGE_CHARACTERS);
  assert.equal(capText(exact, EVENT_MESSAGE_CHARACTERS), exact);
  const cut = capText(`${exact}m`, EVENT_MESSAGE_CHARACTERS);
  assert.equal(cut.length, EVENT_MESSAGE_CHARACTERS);
  assert.ok(cut.endsWith('…'));
  const halved = capText(`${'m'.repeat(EVENT_MESSAGE_CHARACTERS - 2)}😀😀`, EVENT_MESSAGE_CHARACTERS);
  assert.ok(halved.isWellFormed());
});
