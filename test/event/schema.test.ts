import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { DetailType } from '../../shared/model/detail-type.ts';
import { DETAIL_SCHEMAS, detailJsonSchema, schemaName } from '../../shared/model/event-schema.ts';

for (const type of Object.keys(DETAIL_SCHEMAS) as DetailType[]) {
  test(`docs/schema has the current JSON Schema of ${type}; else run node docs/schema/export-events.ts`, () => {
    const file = new URL(`../../docs/schema/${schemaName(type)}.schema.json`, import.meta.url);
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), detailJsonSchema(type));
  });
}
