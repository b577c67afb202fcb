import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { Stack } from 'aws-cdk-lib';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { synthOf, testApp } from './stack/template.ts';
import { makeWholeStack } from './stack/whole-stack.ts';

const run = promisify(execFile);
const LINT = 'cfn-lint';
/** A file that can be read as a template. */
const ANY = join(import.meta.dirname, '../../package.json');
const ACCOUNT = '123456789012';

/** It names those it has the schemas of where it is asked for another. */
function knownRegions(): readonly string[] {
  const { status, stderr } = spawnSync(LINT, ['-r', 'none', '--', ANY], { encoding: 'utf8' });
  const [, list = ''] = /Supported regions are \[([^\]]*)\]/.exec(stderr) ?? [];
  const regions = Array.from(list.matchAll(/'([^']+)'/g), ([, region = '']) => region);
  if (status !== null && regions.length === 0) throw new Error(`${LINT} names no regions: ${stderr}`);
  return regions;
}

const folder = await temporaryFolder();
after(() => folder.remove());

async function lint(region: string, { hasKey }: { readonly hasKey: boolean }): Promise<void> {
  const stack = new Stack(testApp(), 'Whole', { env: { region, account: ACCOUNT } });
  makeWholeStack(stack, { hasKey });
  const { template } = synthOf(stack.node.root as ReturnType<typeof testApp>).getStackByName(stack.stackName);
  const path = join(folder.path, `${region}-${hasKey}.json`);
  await writeFile(path, JSON.stringify(template));
  // Its pattern of a principal has three partitions.
  const unknown = /^(?:us-iso|eu-iso|eusc)/.test(region) ? ['--ignore-checks', 'E3512'] : [];
  await run(LINT, ['-r', region, '--non-zero-exit-code', 'error', ...unknown, '--', path]);
}

const regions = knownRegions();
test('what to hold the templates to', { skip: regions.length === 0 && `no ${LINT} on the PATH` }, () => {
  assert.ok(regions.length > 30, `${regions.length} regions`);
});

for (const region of regions)
  for (const hasKey of [false, true])
    test(`${region} has what a stack ${hasKey ? 'with a key' : 'without a key'} is made of`, () =>
      lint(region, { hasKey }));
