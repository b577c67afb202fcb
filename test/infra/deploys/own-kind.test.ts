import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

test('a kind of one’s own is synthesized to a function that has it', (t) => {
  const outdir = mkdtempSync(join(tmpdir(), 'landfall-own-kind-'));
  t.after(() => rmSync(outdir, { recursive: true }));
  const { status, stderr } = spawnSync(process.execPath, ['examples/own-kind/app.ts'], {
    env: { ...process.env, CDK_OUTDIR: outdir, CDK_VALIDATION: 'false' },
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  const template = readFileSync(join(outdir, 'Notes.template.json'), 'utf8');
  assert.match(template, /\\"kind\\":\\"note\\"/);
  assert.match(template, /"LANDFALL_OWN_KINDS": "note"/);
  const bundles = globSync(join(outdir, 'asset.*', 'index.mjs'));
  const own = bundles.filter((file) => readFileSync(file, 'utf8').includes('kind:"note"'));
  assert.equal(own.length, 1, bundles.join(' '));
});
