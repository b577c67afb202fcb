/** What came of one attack, and whether that is as it is to be. */
export interface Seen {
  readonly ok: boolean;
  readonly what: string;
}

/** One kind of fault, and the tests and benches that commit it; on loopback, each bounded by its own time. */
export interface Attack {
  readonly name: string;
  readonly about: string;
  readonly tests: readonly string[];
  readonly benches?: readonly string[];
}

/** What `--full` has tests do more of. */
export const FULL_SIZES: Readonly<Record<string, string>> = {
  LANDFALL_TEST_KILLS: '200',
  LANDFALL_TEST_COLLECTS: '60',
  LANDFALL_TEST_HALF_OPEN: '4000',
};

export const ATTACKS: readonly Attack[] = [
  {
    name: 'kills',
    about: 'kill -9 of serve with commands in flight',
    tests: ['test/cli/serve/serve-killed-deploys.test.ts', 'test/cli/serve/serve-lifecycle.test.ts'],
  },
  {
    name: 'black-holes',
    about: '200 sources of a registry that never answers beside 20 of one that does',
    tests: ['test/trigger/black-hole.test.ts', 'test/trigger/host-turns.test.ts'],
    benches: ['black-hole'],
  },
  {
    name: 'heads',
    about: 'every single fault, met and healed',
    tests: [],
    benches: ['heads'],
  },
  {
    name: 'clock-steps',
    about: 'the clock set back and forward, by seconds to years',
    tests: [
      'test/trigger/schedule.test.ts',
      'test/trigger/set-clock.test.ts',
      'test/local/clock-steps.test.ts',
      'test/store/collect-daily.test.ts',
    ],
  },
  {
    name: 'collect-races',
    about: 'collect without a grace beside pushes, and a serve that is stopped now and then',
    tests: ['test/cli/store/collect-races.test.ts', 'test/reconcile/missing-artifacts.test.ts'],
  },
  {
    name: 'unreadable-moments',
    about: 'folders of the store and documents that cannot be read for a moment',
    tests: [
      'test/cli/serve/unreadable-moments.test.ts',
      'test/local/request-inbox.test.ts',
      'test/local/watch-documents.test.ts',
      'test/cli/serve/serve-unreadable-status.test.ts',
    ],
  },
  {
    name: 'damaged-files',
    about: 'one corrupt file of each kind',
    tests: ['test/cli/store/damaged-files.test.ts', 'test/store/fsck.test.ts'],
  },
  {
    name: 'documents',
    about: 'documents, deploys and kinds that are wrong, or fail, or never end, beside sound ones',
    tests: [
      'test/cli/serve/serve-refused-documents.test.ts',
      'test/cli/serve/serve-bad-deploys.test.ts',
      'test/deploy/visit/kind-calls.test.ts',
      'test/cli/deploys/own-kind.test.ts',
    ],
  },
  {
    name: 'half-open',
    about: 'floods of connections that say nothing',
    tests: ['test/cli/serve/half-open-flood.test.ts', 'test/trigger/receivers/senders-share.test.ts'],
  },
  { name: 'descriptors', about: 'ulimit -n 64', tests: ['test/cli/serve/few-descriptors.test.ts'] },
  { name: 'events', about: 'a log of 1,000,000 events', tests: [], benches: ['get-events'] },
  { name: 'artifacts', about: 'a store of 100,000 artifacts', tests: [], benches: ['artifacts'] },
];
