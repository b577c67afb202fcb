import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { digestOf } from '../../shared/oci/digest.ts';
import { fileKey, recordKey, statusKey } from '../../shared/store/layout.ts';
import { ID } from '../support/stores/memory-sources.ts';
import { wholeArtifacts } from './invariants/i01-whole-artifacts.ts';
import { committedOnly } from './invariants/i02-committed.ts';
import { verifiedOnly } from './invariants/i03-verified.ts';
import { eventsOfGenerations, everyGenerationTold } from './invariants/i04-events.ts';
import { generationsRise } from './invariants/i05-generations.ts';
import { appliedInOrder } from './invariants/i06-applied-in-order.ts';
import { namedStays } from './invariants/i07-readable.ts';
import { refusedUnseen } from './invariants/i08-refused-unseen.ts';
import { credentialsAtHome } from './invariants/i09-credentials-at-home.ts';
import { noSecrets } from './invariants/i10-no-secrets.ts';
import { atTheHead } from './invariants/i11-at-the-head.ts';
import { noFutileTries } from './invariants/i12-no-futile-tries.ts';
import { oneAtATime } from './invariants/i13-one-at-a-time.ts';
import { nothingHeldRuns } from './invariants/i14-held.ts';
import { onlyOursRemoved } from './invariants/i15-only-ours.ts';
import { deployLevel } from './invariants/i16-deploys-level.ts';
import { ALWAYS } from './invariants/invariants.ts';
import type { Invariant } from './invariants/seen.ts';
import {
  act,
  again,
  applied,
  begun,
  changedTo,
  claimed,
  denied,
  entryWith,
  failed,
  LEDGER_KEY,
  request,
  revision,
  SOURCE,
  scene,
  seen,
  status,
  without,
} from './seen-scene.ts';

/** A state that must never be, the invariant that says so, and how. */
const BAD: readonly (readonly [string, Invariant, RegExp, Parameters<typeof seen>[0]])[] = [
  ['a listed file is gone', wholeArtifacts, /^I1:/, { objects: without(fileKey(revision, 'a.txt')) }],
  [
    'a listed file is another',
    wholeArtifacts,
    /^I1:/,
    { objects: new Map([...scene.objects, [fileKey(revision, 'a.txt'), Buffer.from('two')]]) },
  ],
  [
    'an artifact is not what was pushed',
    wholeArtifacts,
    /^I1: .* pushed/,
    { truth: { filesOf: () => new Map([['a.txt', 'other']]) } },
  ],
  ['status names what has no record', committedOnly, /^I2:/, { objects: without(recordKey(revision)) }],
  ['status names what nobody signed', verifiedOnly, /^I3:/, { truth: { faultOf: () => 'unsigned' } }],
  ['a generation comes without its event', eventsOfGenerations, /^I4:/, changedTo({ outbox: [] })],
  ['an event is of no generation', eventsOfGenerations, /^I4: event/, { generations: [] }],
  ['an event changes when repeated', eventsOfGenerations, /^I4: event/, { emittedBefore: [again] }],
  [
    'an event is of what has no record',
    eventsOfGenerations,
    /^I4: event/,
    { objects: without(recordKey(revision)) },
  ],
  ['nobody was told of a generation', everyGenerationTold, /^I4: nobody/, { emitted: [] }],
  [
    'a generation is left out',
    generationsRise,
    /^I5: .* from generation 0 to 2/,
    changedTo({ generation: 2 }),
  ],
  ['status goes back', generationsRise, /^I5: .* moved back/, { truth: { wasHead: () => false } }],
  [
    'current changes within a generation',
    generationsRise,
    /^I5: .* within/,
    changedTo({ current: { ...revision, revision: 'other' } }, status),
  ],
  [
    'status is lost',
    generationsRise,
    /^I5: .* lost/,
    { statusChanges: [{ key: SOURCE, before: status, after: undefined }] },
  ],
  [
    'a ledger goes back',
    appliedInOrder,
    /^I6: .* generation 1 after 2/,
    { ledgerChanges: [{ key: LEDGER_KEY, before: applied(2), after: applied(1) }] },
  ],
  [
    'an older generation begins after a newer',
    appliedInOrder,
    /^I6: .* 1 after 2/,
    { actsBefore: [act({})], acts: [act({ run: { runId: 'c', generation: 1 } })] },
  ],
  [
    'a generation begins again',
    appliedInOrder,
    /^I6: .* again/,
    { acts: [act({ current: { runId: 'a', generation: 2 } })], ledgers: new Map([[LEDGER_KEY, claimed]]) },
  ],
  ['collect takes what is named', namedStays, /^I7:/, { objects: without(recordKey(revision)) }],
  ['what was refused is seen', refusedUnseen, /^I8:/, { truth: { faultOf: () => 'leaves' } }],
  ['a file is there without a record', refusedUnseen, /^I8:/, { objects: without(recordKey(revision)) }],
  [
    'a login goes to another registry',
    credentialsAtHome,
    /^I9: r2.example.*r1.example/,
    {
      requests: [
        request({
          host: 'r2.example',
          authorization: `Basic ${Buffer.from('robot:canary-one').toString('base64')}`,
        }),
      ],
    },
  ],
  [
    'a token goes to a storage',
    credentialsAtHome,
    /^I9: storage.example/,
    { requests: [request({ host: 'storage.example', authorization: 'Bearer canary-token-r1.example-3' })] },
  ],
  ['a secret is logged', noSecrets, /^I10: .* log/, { lines: ['error no such canary-one {}'] }],
  [
    'a secret is kept',
    noSecrets,
    /^I10: .* sources/,
    {
      objects: new Map([
        [statusKey(ID), Buffer.from(`Basic ${Buffer.from('robot:canary-two').toString('base64')}`)],
      ]),
    },
  ],
  [
    'what failed for good is read again',
    noFutileTries,
    /^I12:/,
    {
      statuses: new Map([[SOURCE, { ...status, failure: failed }]]),
      requests: [request({ path: '/v2/site/blobs/sha256:b' })],
      truth: { imageOfBlob: () => revision.digest, faultOf: () => 'leaves' },
    },
  ],
  [
    'a visit goes on beside a later one',
    oneAtATime,
    /^I13: visit/,
    { actsBefore: [act({ visit: 3 })], acts: [act({})] },
  ],
  [
    'a run begins beside another',
    oneAtATime,
    /^I13: gate begins/,
    { acts: [act({ job: { runId: 'a', generation: 1 } })] },
  ],
  [
    'what waits for a person begins',
    nothingHeldRuns,
    /^I14: .* approval/,
    begun(entryWith({ approval: 'required' })),
  ],
  [
    'what waits for a window begins',
    nothingHeldRuns,
    /^I14: .* window/,
    begun(entryWith({ windows: denied })),
  ],
  [
    'what waits for another begins',
    nothingHeldRuns,
    /^I14: .* data/,
    begun(entryWith({ dependsOn: ['data'] })),
  ],
  [
    'what was left out begins',
    nothingHeldRuns,
    /^I14: .* newer/,
    begun(entryWith({}), { skipped: [{ digest: revision.digest, by: 'ada', at: '', reason: null }] }),
  ],
  [
    'what is in a document is removed',
    onlyOursRemoved,
    /^I15: .* in a document/,
    {
      acts: [act({ what: 'remove', run: { runId: 'a', generation: 1 } })],
      ledgers: new Map([[LEDGER_KEY, applied(1)]]),
      truth: { wasAbsent: () => false },
    },
  ],
  [
    'a ledger goes before what it has',
    onlyOursRemoved,
    /^I15: the ledger of gate/,
    {
      ledgerChanges: [{ key: LEDGER_KEY, before: applied(1), after: undefined }],
      standing: () => ({ runId: 'a', generation: 1 }),
    },
  ],
  [
    'what is not ours is removed',
    onlyOursRemoved,
    /^I15: .* removes b/,
    { acts: [act({ what: 'remove' })], ledgers: new Map([[LEDGER_KEY, applied(1)]]) },
  ],
];

describe('each invariant turns red', () => {
  test('and none does where nothing is wrong', () => {
    const all = [...ALWAYS, everyGenerationTold].flatMap((invariant) => invariant(seen()));
    assert.deepEqual(all, []);
  });

  for (const [what, invariant, said, changes] of BAD)
    test(`where ${what}`, () => {
      const found = invariant(seen(changes));
      assert.ok(
        found.some((line) => said.test(line)),
        `${said} in ${JSON.stringify(found)}`,
      );
    });

  const settled = {
    source: SOURCE,
    status,
    head: revision.digest,
    fault: undefined,
    counts: new Map<string, number>(),
  };
  const deploy = {
    deploy: 'gate',
    current: revision,
    ledger: applied(1),
    target: { current: { runId: 'a', generation: 1 }, hasDrifted: false },
    digestOf: () => revision.digest,
    correctsDrift: true,
  };
  const quiet = { ...settled, status: { ...status, outbox: [] } };

  test('where faults have stopped: I11, I12 and I16', () => {
    assert.deepEqual(atTheHead(quiet), []);
    assert.match(atTheHead(settled).join(), /^I4: .* to send/);
    assert.match(atTheHead({ ...quiet, head: digestOf('other') }).join(), /^I11: .* its head is/);
    assert.match(
      atTheHead({ ...quiet, status: { ...quiet.status, failure: failed } }).join(),
      /^I11: .* still says/,
    );
    assert.match(atTheHead({ ...quiet, fault: 'leaves' }).join(), /^I12: .* says nothing/);
    const said = { ...quiet, fault: 'leaves', status: { ...quiet.status, failure: failed } };
    assert.match(atTheHead(said).join(), /^I12: nothing counted/);
    assert.deepEqual(atTheHead({ ...said, counts: new Map([['SourceStalled', 1]]) }), []);
    assert.match(atTheHead({ ...quiet, head: null }).join(), /^I12: .* no head/);
    assert.deepEqual(deployLevel(deploy), []);
    assert.match(deployLevel({ ...deploy, ledger: undefined }).join(), /^I16/);
    assert.match(deployLevel({ ...deploy, ledger: applied(0) }).join(), /^I16: .* has not 1/);
    assert.match(deployLevel({ ...deploy, digestOf: () => undefined }).join(), /^I16: .* has not 1/);
    assert.match(
      deployLevel({ ...deploy, target: { ...deploy.target, hasDrifted: true } }).join(),
      /^I16: drift/,
    );
    assert.match(
      deployLevel({ ...deploy, ledger: { ...applied(1), claim: claimed.claim } }).join(),
      /^I16: .* not ended/,
    );
  });
});
