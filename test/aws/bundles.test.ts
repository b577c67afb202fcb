import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { KiB, MiB } from '../../shared/limits.ts';
import { type Bundle, bundleFunction } from '../support/lambda/bundle-function.ts';

const folder = await mkdtemp(join(tmpdir(), 'landfall-bundles-'));
after(() => rm(folder, { recursive: true }));

/** The packages a bundle has something of. */
const packagesOf = ({ modules }: Bundle): readonly string[] =>
  [
    ...new Set(modules.flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [])),
  ].toSorted();

for (const [name, limit, packages] of [
  ['receive', 200 * KiB, ['zod']],
  ['poll', 100 * KiB, []],
] as const) {
  test(`${name} is at most ${limit} bytes, without an SDK or anything it does not use`, async () => {
    const bundle = await bundleFunction(name, folder);
    assert.ok(bundle.bytes <= limit, `${bundle.bytes} bytes`);
    assert.deepEqual(packagesOf(bundle), packages);
    // zod whole is under v4/classic; what is taken is zod/mini, a tenth of it to load.
    assert.deepEqual(
      bundle.modules.filter((file) => file.includes('/classic/') || file.includes('/locales/')),
      [],
    );
  });
}

for (const [name, absent] of [
  [
    'reconcile',
    [
      '@aws-sdk/client-eventbridge',
      '@aws-sdk/client-sqs',
      '@aws-sdk/client-ecr',
      'commander',
      'tar-stream',
      'semver',
    ],
  ],
  ['collect', ['@aws-sdk/client-eventbridge', '@aws-sdk/client-sqs', 'undici', 'yaml', 're2js', 'commander']],
] as const) {
  test(`${name} has no package that it does not use`, async () => {
    const bundle = await bundleFunction(name, folder);
    const packages = packagesOf(bundle);
    for (const each of absent) assert.ok(!packages.includes(each), `${each} is in it`);
    assert.ok(bundle.bytes <= 2 * MiB, `${bundle.bytes} bytes`);
    assert.deepEqual(
      bundle.modules.filter((file) => /^(cli|local|test|bench)\//.test(file)),
      [],
    );
  });
}
