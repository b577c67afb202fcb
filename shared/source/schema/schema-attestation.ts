import * as z from 'zod';
import { parseDuration } from '../../duration.ts';
import { ATTESTATION_CHARACTERS, ATTESTATION_CONDITIONS } from '../../limits.ts';
import { wholeMatcher } from '../../resolve/whole-matcher.ts';
import { parseJsonPath } from '../../verify/attestation/json-path.ts';
import { VULNERABILITY_LEVELS } from '../../verify/policy/attestation-rule.ts';
import { refusedWhen, textFor } from './schema-fields.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()]);

const condition = z
  .strictObject({
    path: textFor(parseJsonPath).meta({ description: 'Into the predicate, e.g. $.materials[*].uri' }),
    equals: scalar.exactOptional(),
    oneOf: z.array(scalar).min(1).exactOptional(),
    matches: textFor(wholeMatcher).exactOptional().meta({ description: 'RE2; the whole text has to match' }),
  })
  .check(
    refusedWhen(({ equals, oneOf, matches }) =>
      [equals, oneOf, matches].filter((each) => each !== undefined).length === 1
        ? undefined
        : { message: 'wanted one of equals, oneOf and matches' },
    ),
  );

const where = z
  .array(condition)
  .max(ATTESTATION_CONDITIONS)
  .default([])
  .meta({ description: 'All of them have to be so' });
const text = z.string().min(1).max(ATTESTATION_CHARACTERS);

/** A statement that has to be there, by its type. */
export const attestation = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('provenance'),
    builder: text.meta({ description: 'The id of the builder, as it is' }),
    source: text.meta({ description: 'The URL of the repository, e.g. https://github.com/acme/app' }),
    ref: text.exactOptional().meta({ description: 'E.g. refs/heads/main' }),
    parameters: z
      .array(text)
      .default([])
      .meta({ description: 'External parameters that may be there beside the source' }),
    where,
  }),
  z.strictObject({ type: z.literal('sbom'), format: z.enum(['spdx', 'cyclonedx']).exactOptional(), where }),
  z.strictObject({
    type: z.literal('vulnerabilities'),
    atMost: z.enum(VULNERABILITY_LEVELS).meta({ description: 'Nothing that was found is worse' }),
    maxAge: textFor(parseDuration).meta({ description: 'Of the scan when it is looked at, e.g. 168h' }),
    where,
  }),
  z.strictObject({
    type: z.literal('predicate'),
    predicateType: text.meta({ description: 'The URI of the type, as it is' }),
    where,
  }),
]);

export type AttestationDocument = z.output<typeof attestation>;
