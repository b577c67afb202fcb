import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { type Bundle, bundleFunction } from '../../support/lambda/bundle-function.ts';

const folder = await mkdtemp(join(tmpdir(), 'landfall-bundles-'));
after(() => rm(folder, { recursive: true }));

interface Budget {
  /** Kilobytes of 1,000. Raise it knowingly: each is read and parsed at every cold start. */
  readonly kilobytes: number;
  /** Every package that something of is read at a cold start. No SDK: shared/aws signs and sends what a start waits for. */
  readonly packages: readonly string[];
  /** Whether documents are parsed at the start, for which zod's whole is needed. Elsewhere zod/mini does, a third of it to load. */
  readonly parsesDocuments: boolean;
  /** The services whose client of the SDK lies beside it, read when it is first needed. Default: none. */
  readonly sdk?: readonly string[];
}

const BUDGETS: Readonly<Record<string, Budget>> = {
  // It reads ECR's events, too, as API destinations of EventBridge send them; Node's http is asked for as require does (0.4 kB).
  // What others wrote is escaped in the message of every error (0.2 kB), as in all of these.
  receive: { kilobytes: 112, packages: ['zod'], parsesDocuments: false },
  // It asks registries, as reconcile does.
  poll: {
    kilobytes: 640,
    packages: ['undici', 'zod'],
    parsesDocuments: false,
    sdk: ['ecr', 'ecr-public', 'eventbridge', 'kms', 'sqs', 'sts'],
  },
  // Names that no name server answers leave threads to the others, whoever asks first (0.7 kB). Manifests of an index that
  // are for one platform are told from those for several (0.4 kB). Node's http is asked for as require does (0.3 kB).
  // Charts of Helm's older type, logins that ECR says are over, and images that a registry keeps back are told (0.6 kB).
  // A registry that another redirects to is asked for a token of its own (1.3 kB); to load that later takes as much here. A
  // DOCKER_CONFIG that names a file is told (0.3 kB), and layers that are left out (0.5 kB).
  reconcile: {
    kilobytes: 743,
    packages: ['ignore', 'undici', 'zod'],
    parsesDocuments: false,
    sdk: ['ecr', 'ecr-public', 'eventbridge', 'kms', 'sqs', 'sts'],
  },
  // It knows the documents that it has parsed (0.3 kB), as all do that read the store. What no key of
  // a store can be is told from what can (0.3 kB), as in all of these; and credentials that AWS calls ended are asked for anew (0.3 kB).
  collect: { kilobytes: 107, packages: ['zod'], parsesDocuments: false },
  // CloudFront's clients are loaded by who switches or invalidates. What signs is in pieces that others sign by (0.1 kB).
  'deploy-site': {
    kilobytes: 170,
    packages: ['zod'],
    parsesDocuments: false,
    sdk: ['cloudfront', 'cloudfront-keyvaluestore', 'eventbridge', 'sqs', 'sts'],
  },
  // The same, with the configuration in force. What a kind says is made lines where it comes in (0.2 kB), as in the next.
  'deploy-roles': {
    kilobytes: 234,
    packages: ['zod'],
    parsesDocuments: false,
    sdk: [
      ...['cloudformation', 'cloudfront', 'cloudfront-keyvaluestore', 'cloudwatch', 'ecs', 'eventbridge'],
      ...['lambda', 'sqs', 'sts'],
    ],
  },
  // A client of the SDK is loaded by the kind that calls it. What signs what EKS is asked is here, and not once more with
  // what asks it; so is what reads a file (0.7 kB).
  'deploy-kind': {
    kilobytes: 220,
    packages: ['zod'],
    parsesDocuments: false,
    sdk: [
      ...['cloudformation', 'cloudfront', 'cloudfront-keyvaluestore', 'cloudwatch', 'ecs', 'eventbridge'],
      ...['lambda', 'sqs', 'sts'],
    ],
  },
  // Over clusters that are found by their tags.
  'deploy-clusters': {
    kilobytes: 228,
    packages: ['zod'],
    parsesDocuments: false,
    sdk: ['eventbridge', 'sqs', 'sts'],
  },
  // The schemas of providers, whose settings are read again when they are sent with; what sends is read with the first that is sent.
  notify: { kilobytes: 345, packages: ['re2js', 'zod'], parsesDocuments: true, sdk: ['sqs'] },
  // It reads entries of notify, and Flux's alerts and receivers: the schemas of their providers, and nothing that sends.
  // And it holds deploys to one another: what waits in a ring, or says what its kind would not do, is refused (0.7 kB).
  documents: { kilobytes: 539, packages: ['croner', 're2js', 'yaml', 'zod'], parsesDocuments: true },
};

/** The packages a bundle has something of. */
const packagesOf = ({ modules }: Pick<Bundle, 'modules'>): readonly string[] =>
  [
    ...new Set(modules.flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [])),
  ].toSorted();

for (const [name, { kilobytes, packages, parsesDocuments, sdk = [] }] of Object.entries(BUDGETS))
  test(`${name} starts with at most ${kilobytes} kB, of what it uses alone`, async () => {
    const bundle = await bundleFunction(name, folder);
    assert.ok(bundle.bytes <= kilobytes * 1_000, `${bundle.bytes} bytes`);
    assert.deepEqual(packagesOf(bundle), packages);
    const clients = packagesOf(bundle.later).flatMap(
      (each) => /^@aws-sdk\/client-(.+)/.exec(each)?.[1] ?? [],
    );
    assert.deepEqual(clients, sdk);
    const of = (what: RegExp): readonly string[] => bundle.modules.filter((file) => what.test(file));
    assert.deepEqual(of(/^(cli|local|infra|test|bench)\//), []);
    assert.deepEqual(of(/\/zod\/v4\/locales\/(?!(en|index)\.js)/), []);
    if (!parsesDocuments) assert.deepEqual(of(/\/zod\/v4\/classic\//), []);
    // An ES module that imports it has undici loaded once more: see BUNDLE_OPTIONS.
    const files = globSync(join(folder, name, '*.mjs'));
    const imports = files.filter((file) => /\bfrom ?"(?:node:)?http"/.test(readFileSync(file, 'utf8')));
    assert.deepEqual(imports, []);
  });

test('each function has its budget', () => {
  const files = globSync(join(import.meta.dirname, '../../../functions/lambda/*.ts'));
  const functions = files.filter((file) => /^export .*\bhandler\b/m.test(readFileSync(file, 'utf8')));
  assert.deepEqual(
    functions.map((file) => basename(file, '.ts')).toSorted(),
    Object.keys(BUDGETS).toSorted(),
  );
});
