import * as z from 'zod/mini';
import { LandfallError } from '../../shared/errors.ts';
import { parseObject } from '../../shared/kernel/json.ts';
import { matched } from '../../shared/kernel/matched.ts';
import type { SourceId } from '../../shared/model/ids.ts';

/** The variable that a deploy's construct sets. */
export const DEPLOY_VARIABLE = 'LANDFALL_DEPLOY';

const place = z.object({ bucket: z.string(), prefix: z.string() });

const common = {
  /** Of the deploy: in events, ledgers and metrics. */
  name: z.string(),
  /** CloudFormation's, which metrics name beside it. */
  stack: z.string(),
  source: z.object({ namespace: z.string(), name: z.string() }),
  /** Only this folder of the artifact. */
  path: z.optional(z.string()),
  /** Where ledgers are. Default: the store itself. */
  books: z.optional(place),
};

export const siteFunctionSettings = z.object({
  ...common,
  site: place,
  immutable: z.array(z.string()),
  cacheControl: z.string(),
  switch: z.optional(z.object({ keyValueStore: z.string(), key: z.string() })),
  invalidate: z.optional(z.object({ distribution: z.string(), paths: z.array(z.string()) })),
});

/** A deploy of a document, as the document had it: what its construct checked. */
export const kindSettings = z.object({
  ...common,
  entry: z.looseObject({
    kind: z.string(),
    timeoutMs: z.number(),
    settings: z.record(z.string(), z.unknown()),
  }),
});

export type KindSettings = z.infer<typeof kindSettings>;

/** What every deploy function is told of itself. */
export interface DeploySettings {
  readonly name: string;
  readonly stack: string;
  readonly source: SourceId;
  readonly path?: string | undefined;
  readonly books?: { readonly bucket: string; readonly prefix: string } | undefined;
}

/** @throws LandfallError CONFIG_INVALID */
export function readSettings<T extends DeploySettings>(
  env: Readonly<Record<string, string | undefined>>,
  schema: z.ZodMiniType<T>,
): T {
  const read = matched(parseObject(env[DEPLOY_VARIABLE] ?? ''), schema);
  if (read.ok) return read.data;
  throw new LandfallError('CONFIG_INVALID', `environment variable ${DEPLOY_VARIABLE}: ${read.why}`, {
    hint: 'Deploy the function with the construct of its deploy, which sets it.',
  });
}
