import { LandfallError } from '../errors.ts';

/**
 * What a function is told of its installation: the variables that infra/ sets, and every one of them is wanted.
 * `receive`, `poll` and `collect` need LANDFALL_BUCKET and LANDFALL_QUEUE_URL; `reconcile` LANDFALL_BUS too.
 */
export interface FunctionEnvironment {
  readonly bucket: string;
  readonly queueUrl: string;
  /** Name or ARN. */
  readonly bus: string;
  readonly region: string;
}

const VARIABLES: Readonly<Record<keyof FunctionEnvironment, string>> = {
  bucket: 'LANDFALL_BUCKET',
  queueUrl: 'LANDFALL_QUEUE_URL',
  bus: 'LANDFALL_BUS',
  region: 'AWS_REGION',
};

/** @throws LandfallError CONFIG_INVALID naming a variable that is not set */
export function functionEnvironment<K extends keyof FunctionEnvironment>(
  wanted: readonly K[],
  env: Readonly<Record<string, string | undefined>>,
): Pick<FunctionEnvironment, K> {
  const entries = wanted.map((key) => {
    const value = env[VARIABLES[key]];
    if (value !== undefined && value !== '') return [key, value] as const;
    throw new LandfallError('CONFIG_INVALID', `environment variable ${VARIABLES[key]} is not set`, {
      hint: 'Deploy the function with the Landfall construct, which sets it.',
    });
  });
  return Object.fromEntries(entries) as Pick<FunctionEnvironment, K>;
}
