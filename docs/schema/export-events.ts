import { writeFileSync } from 'node:fs';
import type { DetailType } from '../../shared/model/detail-type.ts';
import { DETAIL_SCHEMAS, detailJsonSchema, schemaName } from '../../shared/model/event-schema.ts';

/** Writes one JSON Schema beside this file for each detail-type: `node docs/schema/export-events.ts`. */
for (const type of Object.keys(DETAIL_SCHEMAS) as DetailType[]) {
  const path = new URL(`${schemaName(type)}.schema.json`, import.meta.url);
  writeFileSync(path, `${JSON.stringify(detailJsonSchema(type), null, 2)}\n`);
}
