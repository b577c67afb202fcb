import { writeFile } from 'node:fs/promises';
import { documentJsonSchema } from '../../shared/source/schema/json-schema.ts';

/** Writes the source document's JSON Schema beside this file: `node docs/schema/export.ts`. */
const target = new URL('./landfall.schema.json', import.meta.url);
await writeFile(target, `${JSON.stringify(documentJsonSchema(), null, 2)}\n`);
