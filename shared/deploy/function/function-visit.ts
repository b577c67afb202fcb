import type { DeployContext, RemoveContext } from '../kit/deploy-context.ts';
import type { StepResult, StepRunning } from '../kit/step-result.ts';
import type { FunctionProgress, FunctionResult } from './function-progress.ts';
import type { FunctionSettings } from './function-settings.ts';
import type { AlarmStates, Lambda } from './lambda.ts';

export type FunctionContext = DeployContext<FunctionSettings, FunctionResult>;
export type FunctionRemoval = RemoveContext<FunctionSettings, FunctionResult>;
export type FunctionStep = StepResult<FunctionProgress, FunctionResult>;

/** One visit of a deploy, with AWS as its role sees it. */
export interface FunctionVisit {
  readonly context: FunctionContext;
  readonly lambda: Lambda;
  readonly alarms: AlarmStates;
}

/** Nobody else is told when code is there or an alias has moved, as a rule. */
export const CODE_LOOK_MS = 5_000;
/** While an alias moves its alarms are looked at this often. */
export const ALARM_LOOK_MS = 60_000;

export const stillRunning = (
  progress: FunctionProgress,
  message: string,
  lookAgainMs = CODE_LOOK_MS,
): StepRunning<FunctionProgress> => ({ state: 'running', progress, message, lookAgainMs });

export const succeeded = (result: FunctionResult, message: string): FunctionStep => ({
  state: 'succeeded',
  result,
  message,
});

/** Somebody else was faster, or changes the function right now: what was read is behind. */
export const RACES: ReadonlySet<string | undefined> = new Set([
  'PreconditionFailedException',
  'ResourceConflictException',
]);
