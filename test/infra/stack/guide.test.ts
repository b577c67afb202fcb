import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LandfallStack } from '../../../infra/landfall-stack.ts';
import { receiverPath } from '../../../shared/trigger/receivers/open-receiver.ts';
import { testApp } from './template.ts';

const DOCS = join(import.meta.dirname, '../../../docs');
const guide = readFileSync(join(DOCS, 'aws.md'), 'utf8');

test('the line that makes a receiver its path makes the one that functions listen at', (t) => {
  const line = /printf '(landfall receiver[^|]*)' generic hub \| (openssl [^#]*)-r/.exec(guide);
  assert.ok(line, 'docs/aws.md has the line');
  const [, format = '', openssl = ''] = line;
  const script = `secret='canary'; printf '${format}' generic hub | ${openssl} -r`;
  try {
    const output = execFileSync('bash', ['-c', script], { encoding: 'utf8' });
    assert.equal(
      `/receivers/${output.split(' ')[0]}`,
      receiverPath({ type: 'generic', name: 'hub' }, 'canary'),
    );
  } catch (error) {
    if (!(error instanceof Error && 'status' in error && error.status === 127)) throw error;
    t.skip('openssl is not here');
  }
});

test('outputs, settings and files that the guide names are there', () => {
  const stack = new LandfallStack(testApp(), 'Landfall', { landfall: { endpoint: 'url' } });
  for (const output of [
    'Store',
    'QueueUrl',
    'ReceiveUrl',
    'BusArn',
    'DeadTriggersUrl',
    'UndeliveredEventsUrl',
  ]) {
    assert.ok(stack.node.tryFindChild(output), output);
  }
  const app = readFileSync(join(DOCS, '../infra/app.ts'), 'utf8');
  for (const [, name = '', variable = ''] of guide.matchAll(
    /^\| `([a-zA-Z]+)` \| `(LANDFALL_[A-Z_]+)` \|/gm,
  )) {
    assert.ok(app.includes(`setting(app, '${name}', '${variable}')`), name);
  }
  for (const [, path = ''] of guide.matchAll(
    /(?<=\.\/landfall\/|`)((?:infra|test|examples)\/[a-z/-]+\.ts)/g,
  )) {
    assert.ok(existsSync(join(DOCS, '..', path)), path);
  }
  for (const [, link = ''] of guide.matchAll(/\]\(([a-z-]+\.md)\)/g))
    assert.ok(existsSync(join(DOCS, link)), link);
});
