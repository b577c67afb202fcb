import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { DisposeStack } from '../../shared/kernel/dispose-stack.ts';

test('what came last is let go of first, and what was handed on is not', async () => {
  const told: string[] = [];
  const stack = new DisposeStack();
  stack.defer(() => void told.push('first'));
  stack.use({ [Symbol.asyncDispose]: async () => void told.push('second') });
  const moved = stack.move();
  await stack[Symbol.asyncDispose]();
  assert.equal(told.length, 0);
  moved.defer(() => void told.push('third'));
  await moved[Symbol.asyncDispose]();
  await moved[Symbol.asyncDispose]();
  assert.deepEqual(told, ['third', 'second', 'first']);
});

test('one that fails keeps no other, and the first failure is told', async () => {
  const told: string[] = [];
  const stack = new DisposeStack();
  stack.defer(() => void told.push('first'));
  for (const why of ['one', 'two'])
    stack.defer(() => {
      throw new Error(why);
    });
  await assert.rejects(stack[Symbol.asyncDispose](), { message: 'two' });
  assert.deepEqual(told, ['first']);
});

// The package promises Node 22.15; where it came to serve it ended with `AsyncDisposableStack is not defined`.
test('nothing is called that only newer Nodes have', () => {
  const newer =
    /\b(?:new (?:Async)?DisposableStack|Promise\.try|RegExp\.escape|Error\.isError|Math\.sumPrecise|Iterator\.concat)\(|\.(?:toBase64|toHex|getOrInsert)\(/;
  for (const file of globSync('{cli,console,functions,infra,library,local,shared}/**/*.ts'))
    assert.doesNotMatch(readFileSync(file, 'utf8').replaceAll(/^\s*(?:\*|\/\/).*$/gm, ''), newer, file);
});
