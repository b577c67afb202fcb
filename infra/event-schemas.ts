import { CfnRegistry, CfnSchema } from 'aws-cdk-lib/aws-eventschemas';
import { Construct } from 'constructs';
import * as z from 'zod';
import type { DetailType } from '../shared/model/detail-type.ts';
import { EVENT_SOURCE } from '../shared/model/envelope.ts';
import { DETAIL_SCHEMAS, schemaName } from '../shared/model/event-schema.ts';

/** `ArtifactRevisionChanged`: what code bindings call the detail. */
const typeName = (type: DetailType): string => type.replaceAll(' ', '');

const text = { type: 'string' } as const;

/**
 * One event as EventBridge's registry wants it, which makes code bindings of it: OpenAPI 3.0, whose `AWSEvent` is the
 * envelope. The detail is the same zod schema that docs/schema comes from.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-schema.html
 */
export function openApiOf(type: DetailType): Readonly<Record<string, unknown>> {
  const { $schema: _, ...detail } = z.toJSONSchema(DETAIL_SCHEMAS[type], {
    target: 'openapi-3.0',
    io: 'input',
  });
  return {
    openapi: '3.0.0',
    info: { title: typeName(type), version: '1.0.0' },
    paths: {},
    components: {
      schemas: {
        AWSEvent: {
          type: 'object',
          required: [
            'version',
            'id',
            'detail-type',
            'source',
            'account',
            'time',
            'region',
            'resources',
            'detail',
          ],
          'x-amazon-events-detail-type': type,
          'x-amazon-events-source': EVENT_SOURCE,
          properties: {
            version: text,
            id: text,
            'detail-type': text,
            source: text,
            account: text,
            time: { type: 'string', format: 'date-time' },
            region: text,
            resources: { type: 'array', items: text },
            detail: { $ref: `#/components/schemas/${typeName(type)}` },
          },
        },
        [typeName(type)]: detail,
      },
    },
  };
}

/** A registry with the schema of every event, so that consoles and IDEs know their fields. */
export class EventSchemas extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const registry = new CfnRegistry(this, 'Registry', { description: 'Events of Landfall' });
    for (const type of Object.keys(DETAIL_SCHEMAS) as DetailType[]) {
      new CfnSchema(this, typeName(type), {
        registryName: registry.attrRegistryName,
        schemaName: `${EVENT_SOURCE}@${typeName(type)}`,
        type: 'OpenApi3',
        description: `${type} (docs/schema/${schemaName(type)}.schema.json)`,
        content: JSON.stringify(openApiOf(type)),
      });
    }
  }
}
