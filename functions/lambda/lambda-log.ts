import { env, stdout } from 'node:process';
import {
  createDeployMetrics,
  createMetrics,
  type DeployMetricName,
  type MeteredDeploy,
  type Metrics,
} from '../../shared/aws/metrics.ts';
import { knownSecrets } from '../../shared/credentials/known-secrets.ts';
import { createLog, type Log, type LogLevel } from '../../shared/log.ts';

const LEVELS: readonly string[] = ['debug', 'info', 'warn', 'error'] satisfies readonly LogLevel[];
const isLevel = (text: string | undefined): text is LogLevel => text !== undefined && LEVELS.includes(text);

const write = (line: string): void => void stdout.write(`${line}\n`);

/** JSON lines; LANDFALL_LOG_LEVEL sets the least that is written. */
export const lambdaLog = (): Log => {
  const level = env['LANDFALL_LOG_LEVEL'];
  return createLog({
    format: 'json',
    level: isLevel(level) ? level : 'info',
    now: Date.now,
    write,
    mask: (text) => knownSecrets.mask(text),
  });
};

/** @param namespace where it is of one namespace alone */
export const lambdaMetrics = (bucket: string, namespace?: string): Metrics =>
  createMetrics({ bucket, ...(namespace !== undefined && { namespace }), now: Date.now, write });

export const deployMetrics = (deploy: MeteredDeploy): Metrics<DeployMetricName> =>
  createDeployMetrics({ ...deploy, now: Date.now, write });
