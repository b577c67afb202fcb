import type { AwsAccess } from '../../../shared/deploy/kit/aws-access.ts';
import type { DeployDefinition } from '../../../shared/deploy/kit/define-deploy.ts';
import type { DeployContext } from '../../../shared/deploy/kit/deploy-context.ts';
import type { JsonValue } from '../../../shared/deploy/kit/json-value.ts';
import type { StepResult } from '../../../shared/deploy/kit/step-result.ts';
import type { SleepingClock } from '../aws-server/aws-client-for.ts';
import { accessAt, Killed } from './aws-access.ts';

export interface Drive<Settings extends object, Progress extends JsonValue, Result extends JsonValue> {
  readonly kind: DeployDefinition<Settings, Progress, Result>;
  readonly url: string;
  readonly clock: SleepingClock;
  readonly contextOf: (aws: AwsAccess) => DeployContext<Settings, Result>;
  /** Kills the run once, at its call of this number in all, before or after it had its effect. */
  readonly kill?: { readonly at: number; readonly when: 'before' | 'after' } | undefined;
  /** What a visit said that goes on; may change the world. */
  readonly onRunning?: (message: string, progress: Progress) => void;
}

export interface Driven<Result> {
  readonly end: Exclude<StepResult<never, Result>, { readonly state: 'running' }>;
  readonly messages: readonly string[];
  readonly visits: number;
  /** Calls of AWS in all. */
  readonly calls: number;
  readonly wasKilled: boolean;
}

const MOST = 200;

/** What a visit says; undefined of one that went back, which has an error. */
export const saidBy = (visited: StepResult<JsonValue, JsonValue> | undefined): string | undefined =>
  visited !== undefined && 'message' in visited ? visited.message : undefined;

/**
 * Visits a deploy as the engine does, each visit with a client of its own and with nothing but the progress of the last
 * that ended, until it has ended. Time passes only between visits.
 */
export async function driveKind<
  Settings extends object,
  Progress extends JsonValue,
  Result extends JsonValue,
>({
  kind,
  url,
  clock,
  contextOf,
  kill,
  onRunning,
}: Drive<Settings, Progress, Result>): Promise<Driven<Result>> {
  let progress: Progress | undefined;
  const messages: string[] = [];
  let calls = 0;
  let wasKilled = false;
  for (let visits = 1; visits <= MOST; visits += 1) {
    const at = kill === undefined || wasKilled ? undefined : kill.at - calls;
    const aws = accessAt(
      url,
      clock,
      at === undefined || kill === undefined ? {} : { kill: { at, when: kill.when } },
    );
    const context = contextOf(aws);
    try {
      const visited =
        progress === undefined ? await kind.step(context) : await kind.look?.(context, progress);
      if (visited === undefined) throw new Error('nothing looks');
      if (visited.state !== 'running') {
        return { end: visited, messages, visits, calls: calls + aws.calls.length, wasKilled };
      }
      progress = JSON.parse(JSON.stringify(visited.progress)) as Progress;
      messages.push(visited.message);
      onRunning?.(visited.message, progress);
      clock.advance(visited.lookAgainMs);
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      wasKilled = true;
      clock.advance(1_000);
    }
    calls += aws.calls.length;
  }
  throw new Error(`no end after ${MOST} visits: ${messages.slice(-5).join(' / ')}`);
}
