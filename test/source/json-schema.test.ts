import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { documentJsonSchema, keysAt } from '../../shared/source/schema/json-schema.ts';

test('the JSON Schema for editors is the one of the code', async () => {
  const committed = await readFile(
    new URL('../../docs/schema/landfall.schema.json', import.meta.url),
    'utf8',
  );
  const hint = 'run: node docs/schema/export.ts';
  assert.equal(committed, `${JSON.stringify(documentJsonSchema(), null, 2)}\n`, hint);
});

test('forbids unknown keys in every object whose keys it names', () => {
  const visit = (schema: unknown): void => {
    if (typeof schema !== 'object' || schema === null) return;
    if ('properties' in schema && 'type' in schema) {
      assert.equal(
        'additionalProperties' in schema && schema.additionalProperties,
        false,
        JSON.stringify(schema),
      );
    }
    for (const part of Object.values(schema)) visit(part);
  };
  visit(documentJsonSchema());
});

test('knows the keys of nested objects, lists and alternatives', () => {
  assert.deepEqual(keysAt(documentJsonSchema(), []), [
    'sources',
    'credentials',
    'receivers',
    'deploys',
    'notify',
    'onRefused',
  ]);
  assert.deepEqual(keysAt(documentJsonSchema(), ['sources', 4, 'unpack']), ['mode']);
  assert.deepEqual(keysAt(documentJsonSchema(), ['credentials', 0, 'password']), [
    'env',
    'file',
    'value',
    'secretsManager',
    'key',
    'ssm',
  ]);
  assert.deepEqual(keysAt(documentJsonSchema(), ['nowhere', 'at', 'all']), []);
});
