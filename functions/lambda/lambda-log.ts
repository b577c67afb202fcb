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

/** A process has one invocation at a time, and what it keeps from one to the next has its log from the first. */
let requestId: string | undefined;

/** Has all that is written from now on name the invocation, as AWS's own lines do. */
export function nameInvocation(id: string | undefined): void {
  requestId = id;
}

const facts = () => ({ requestId });

/** JSON lines; LANDFALL_LOG_LEVEL sets the least that is written. */
export const lambdaLog = (): Log => {
  const level = env['LANDFALL_LOG_LEVEL'];
  const log = createLog({
    format: 'json',
    level: isLevel(level) ? level : 'info',
    now: Date.now,
    write,
    mask: (text) => knownSecrets.mask(text),
  });
  return (least, message, fields) => log(least, message, { ...fields, ...facts() });
};

/** @param namespace where it is of one namespace alone */
export const lambdaMetrics = (bucket: string, namespace?: string): Metrics =>
  createMetrics({ bucket, ...(namespace !== undefined && { namespace }), now: Date.now, write, facts });

export const deployMetrics = (deploy: MeteredDeploy): Metrics<DeployMetricName> =>
  createDeployMetrics(deploy, { now: Date.now, write, facts });
