import * as z from 'zod';
import { DURATION, parseDuration } from '../../duration.ts';
import {
  DEFAULT_LIMITS,
  LIMIT_MAXIMA,
  type Limits,
  MEDIA_TYPE_CHARACTERS,
  RETAINED_REVISIONS_MAX,
  SOURCE_IGNORE_BYTES,
} from '../../limits.ts';
import { parsePlatform } from '../../oci/platform.ts';
import { parseTypedRepository } from '../../oci/typed-reference.ts';
import { accessFrom, conflictInComposed, images, include, onClash } from './schema-compose.ts';
import { interval, name, type Refusal, refusedWhen, textFor, timeout } from './schema-fields.ts';
import { labels } from './schema-labels.ts';
import { ref } from './schema-ref.ts';
import { verify } from './schema-verify.ts';

const limit = (key: keyof Limits) =>
  z
    .int()
    .min(1)
    .max(LIMIT_MAXIMA[key])
    .exactOptional()
    .meta({ description: `Default ${DEFAULT_LIMITS[key]}` });

const limits = z.strictObject({
  manifestBytes: limit('manifestBytes'),
  layerBytes: limit('layerBytes'),
  unpackedBytes: limit('unpackedBytes'),
  files: limit('files'),
  ratio: limit('ratio'),
  ratioGraceBytes: limit('ratioGraceBytes'),
  pathBytes: limit('pathBytes'),
  pathDepth: limit('pathDepth'),
  extensionHeaderBytes: limit('extensionHeaderBytes'),
  tagPages: limit('tagPages'),
});

export const ignore = z.string().check(
  refusedWhen((text) => {
    const bytes = Buffer.byteLength(text);
    return bytes > SOURCE_IGNORE_BYTES
      ? { message: `wanted at most ${SOURCE_IGNORE_BYTES} bytes, got ${bytes}` }
      : undefined;
  }),
);

/** Polls may be stretched, never drawn together. */
function stretchIn({
  interval: often,
  maxInterval,
}: {
  readonly interval: string;
  readonly maxInterval?: string;
}): Refusal | undefined {
  if (maxInterval === undefined || !DURATION.test(often) || !DURATION.test(maxInterval)) return undefined;
  return parseDuration(maxInterval) < parseDuration(often)
    ? { message: `maxInterval ${maxInterval} is shorter than interval ${often}` }
    : undefined;
}

export const onRefused = z.enum(['stall', 'keep']);

const NO_LAYERS = 'wanted auto, all, { mediaType: … } or { first: true }';
const layerSelection = z
  .union(
    [
      z.literal('auto'),
      z.literal('all'),
      z.strictObject({
        mediaType: z.string().min(1).max(MEDIA_TYPE_CHARACTERS),
        first: z.literal(true).exactOptional().meta({ description: 'Only the first of this type' }),
      }),
      z.strictObject({ first: z.literal(true).meta({ description: 'The first layer alone' }) }),
    ],
    { error: NO_LAYERS },
  )
  .default('auto');

export const source = z
  .strictObject({
    name: name.meta({ description: 'Unique in its namespace' }),
    namespace: name.default('default').meta({ description: 'The team that owns the source' }),
    url: textFor(parseTypedRepository).exactOptional().meta({
      description: 'oci://registry/repository, without tag or digest; required where there is no include',
    }),
    ref: ref.prefault({}).meta({ description: 'Which revision; the tag latest where nothing is set' }),
    interval: interval.default('5m').meta({ description: 'How often to look without a webhook: 1s to 720h' }),
    maxInterval: interval
      .exactOptional()
      .meta({ description: 'How often to look while webhooks are known to work; absent: as interval' }),
    timeout: timeout.default('60s').meta({ description: 'Bounds one reconcile: 1s to 15m' }),
    labels: labels.default({}).meta({ description: 'Copied into events' }),
    suspend: z.boolean().default(false),
    unpack: z.strictObject({ mode: z.enum(['files', 'archive', 'none']).default('files') }).prefault({}),
    layout: z.enum(['tree', 'pack']).default('tree').meta({
      description: 'How files are in the store: each an object of its own, or many in one',
    }),
    layers: layerSelection,
    platform: textFor(parsePlatform)
      .exactOptional()
      .meta({ description: 'Which manifest of an index, e.g. linux/arm64 or windows(10.0.20348)/amd64' }),
    links: z.enum(['record', 'materialize']).default('record'),
    ignore: ignore.exactOptional().meta({ description: '.gitignore syntax' }),
    include: include.exactOptional().meta({ description: 'Other sources that this one is composed of' }),
    images: images.exactOptional().meta({ description: 'Images of other sources, written into its files' }),
    onClash: onClash.exactOptional().meta({
      description: 'Of two parts with one path: refuse (the default), or the last of them counts',
    }),
    accessFrom: accessFrom.default([]).meta({
      description: 'Other namespaces whose sources may be composed of this one; "*": all',
    }),
    verify: verify.exactOptional().meta({ description: 'Who has to have signed what lands' }),
    onRefused: onRefused.exactOptional().meta({
      description:
        'Where a changed document is refused: stall until it is corrected, or keep to the last good one',
    }),
    retain: z
      .strictObject({ revisions: z.int().min(1).max(RETAINED_REVISIONS_MAX).default(10) })
      .prefault({}),
    limits: limits.prefault({}),
  })
  .check(refusedWhen(stretchIn), refusedWhen(conflictInComposed));

export type SourceDocument = z.output<typeof source>;
