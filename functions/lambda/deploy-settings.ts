import * as z from 'zod/mini';
import { LandfallError } from '../../shared/errors.ts';
import { parseObject } from '../../shared/kernel/json.ts';
import { matched } from '../../shared/kernel/matched.ts';

/** The variable that a deploy's construct sets. */
export const DEPLOY_VARIABLE = 'LANDFALL_DEPLOY';

export const place = z.object({ bucket: z.string(), prefix: z.string() });

/** The schema of it. */
export const commonSettings = {
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

/** What every deploy function is told of itself. */
export type DeploySettings = Readonly<z.infer<z.ZodMiniObject<typeof commonSettings>>>;

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
