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
  /** Every package that something of is in the bundle. No SDK: shared/aws signs and sends its own requests. */
  readonly packages: readonly string[];
  /** Whether documents are parsed, for which zod's whole is needed. Elsewhere zod/mini does, a third of it to load. */
  readonly parsesDocuments: boolean;
}

const BUDGETS: Readonly<Record<string, Budget>> = {
  // 2 kB of it say what of a webhook was not understood, without which its sender's mistakes are not to be found.
  receive: { kilobytes: 104, packages: ['zod'], parsesDocuments: false },
  poll: { kilobytes: 40, packages: [], parsesDocuments: false },
  reconcile: {
    kilobytes: 1_140,
    // tldts, of which nothing runs until a token service is on another host than its registry.
    packages: ['ignore', 're2js', 'tldts', 'tldts-core', 'undici', 'yaml', 'zod'],
    parsesDocuments: true,
  },
  collect: { kilobytes: 100, packages: ['zod'], parsesDocuments: false },
  'deploy-site': { kilobytes: 120, packages: ['zod'], parsesDocuments: false },
  documents: { kilobytes: 480, packages: ['re2js', 'yaml', 'zod'], parsesDocuments: true },
};

/** The packages a bundle has something of. */
const packagesOf = ({ modules }: Bundle): readonly string[] =>
  [
    ...new Set(modules.flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [])),
  ].toSorted();

for (const [name, { kilobytes, packages, parsesDocuments }] of Object.entries(BUDGETS))
  test(`${name} is at most ${kilobytes} kB, of what it uses alone`, async () => {
    const bundle = await bundleFunction(name, folder);
    assert.ok(bundle.bytes <= kilobytes * 1_000, `${bundle.bytes} bytes`);
    assert.deepEqual(packagesOf(bundle), packages);
    const of = (what: RegExp): readonly string[] => bundle.modules.filter((file) => what.test(file));
    assert.deepEqual(of(/^(cli|local|infra|test|bench)\//), []);
    assert.deepEqual(of(/\/zod\/v4\/locales\/(?!(en|index)\.js)/), []);
    if (!parsesDocuments) assert.deepEqual(of(/\/zod\/v4\/classic\//), []);
  });

test('each function has its budget', () => {
  const files = globSync(join(import.meta.dirname, '../../../functions/lambda/*.ts'));
  const functions = files.filter((file) => /^export .*\bhandler\b/m.test(readFileSync(file, 'utf8')));
  assert.deepEqual(
    functions.map((file) => basename(file, '.ts')).toSorted(),
    Object.keys(BUDGETS).toSorted(),
  );
});
