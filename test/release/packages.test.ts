import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { billOfMaterials } from '../../release/bill-of-materials.ts';
import { readLockfile } from '../../release/lockfile.ts';
import { INSTALL_SCRIPTS, packageFaults } from '../../release/package-rules.ts';
import { provenanceOf } from '../../release/provenance.ts';
import { folderFor } from '../support/cli.ts';
import { ROOT } from './installed.ts';

const LOCKFILE = readLockfile(ROOT);

test('every package is fixed, has a license that asks for its name alone, and runs no script that nobody knows', () => {
  assert.ok(LOCKFILE.size > 100);
  assert.deepEqual(packageFaults(LOCKFILE.values()), []);
  const running = [...LOCKFILE.values()].filter(({ hasInstallScript }) => hasInstallScript);
  assert.deepEqual(
    running.map(({ name }) => name),
    Object.keys(INSTALL_SCRIPTS),
  );
});

test('a package with a script, without a license or with one that asks for more is told', () => {
  const one = {
    path: 'node_modules/a',
    name: 'a',
    version: '1.0.0',
    integrity: 'sha512-AA==',
    license: 'MIT',
    hasInstallScript: false,
  };
  assert.deepEqual(
    packageFaults([
      one,
      { ...one, hasInstallScript: true },
      { ...one, license: 'GPL-3.0-only' },
      { ...one, license: undefined },
      { ...one, license: '(MIT OR GPL-3.0-or-later)' },
      { ...one, license: '(MIT AND Zlib)' },
      { ...one, license: '(MIT AND GPL-3.0-or-later)' },
    ]),
    [
      'node_modules/a runs a script when it is installed',
      'node_modules/a has the license GPL-3.0-only',
      'node_modules/a has the license nothing',
      'node_modules/a has the license (MIT AND GPL-3.0-or-later)',
    ],
  );
});

test('a lockfile with a package that is not fixed is refused', async (t) => {
  const folder = await folderFor(t);
  const locked = { packages: { '': {}, 'node_modules/a': { version: '1.0.0' } } };
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(locked));
  assert.throws(() => readLockfile(folder), /node_modules\/a of package-lock.json has no version and sha512/);
});

test('a bill of materials has what is bundled and what lies beside, as the lockfile fixes it, and nothing else', () => {
  const inputs = [
    'shared/errors.ts',
    'node_modules/yaml/dist/index.js',
    '../main/node_modules/yaml/dist/parse.js',
    'node_modules/@sigstore/core/dist/index.js',
  ];
  const bill = billOfMaterials({ version: '1.2.3', inputs, beside: ['zod'] }, LOCKFILE);
  const yaml = LOCKFILE.get('node_modules/yaml');
  assert.deepEqual(
    bill.components.map(({ purl }) => purl.replace(/@[^@]*$/, '')),
    ['pkg:npm/%40sigstore/core', 'pkg:npm/yaml', 'pkg:npm/zod'],
  );
  const [core, second] = bill.components;
  assert.deepEqual([core?.group, core?.name], ['@sigstore', 'core']);
  assert.equal(second?.version, yaml?.version);
  assert.equal(
    `sha512-${Buffer.from(second?.hashes?.[0]?.content ?? '', 'hex').toString('base64')}`,
    yaml?.integrity,
  );
  assert.throws(
    () => billOfMaterials({ version: '1.2.3', inputs: ['node_modules/stray/a.js'], beside: [] }, LOCKFILE),
    /a bundle has node_modules\/stray, which package-lock.json does not fix/,
  );
});

test('a provenance has the hash of each file of a release, and of what it was made of', async (t) => {
  const folder = await folderFor(t);
  mkdirSync(join(folder, 'cloudformation'));
  writeFileSync(join(folder, 'a.tgz'), 'a');
  writeFileSync(join(folder, 'cloudformation/b.json'), 'b');
  const zod = LOCKFILE.get('node_modules/zod');
  assert.ok(zod);
  const { subject, predicate } = provenanceOf(ROOT, folder, [zod]);
  assert.deepEqual(subject, [
    { name: 'a.tgz', digest: { sha256: 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb' } },
    {
      name: 'cloudformation/b.json',
      digest: { sha256: '3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d' },
    },
  ]);
  const { resolvedDependencies } = predicate.buildDefinition;
  assert.ok(resolvedDependencies.some((each) => 'uri' in each && each.uri === `pkg:npm/zod@${zod.version}`));
  assert.ok(resolvedDependencies.some((each) => 'name' in each && each.name === 'package-lock.json'));
});
