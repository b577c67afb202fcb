import type { DeployContext, RemoveContext } from '../kit/deploy-context.ts';
import type { StepResult, StepRunning } from '../kit/step-result.ts';
import type { CloudFormation, StackView } from './cloudformation.ts';
import type { StackProgress, StackResult } from './stack-progress.ts';
import type { StackSettings } from './stack-settings.ts';

export type StackContext = DeployContext<StackSettings, StackResult>;
export type StackRemoval = RemoveContext<StackSettings, StackResult>;
export type StackStep = StepResult<StackProgress, StackResult>;

/** One visit of a deploy, with CloudFormation as its role sees it. */
export interface StackVisit {
  readonly context: StackContext;
  readonly cloudFormation: CloudFormation;
}

/** Nothing tells when a change set is made. */
export const MADE_LOOK_MS = 3_000;
/** A read that is behind, or a request that crossed another. */
export const SOON_MS = 5_000;
/** CloudFormation's own event comes first as a rule. */
const UNDER_WAY_MS = 60_000;

export const running = (
  progress: StackProgress,
  { message, lookAgainMs = UNDER_WAY_MS }: { readonly message: string; readonly lookAgainMs?: number },
): StepRunning<StackProgress> => ({ state: 'running', progress, message, lookAgainMs });

/** Somebody else is at the stack: they are waited for, and never stopped. */
export const busy = ({ status }: StackView, name: string): StepRunning<StackProgress> => ({
  ...running({ phase: 'waiting' }, { message: `stack ${name} is ${status}, by somebody else` }),
  waitsFor: `whoever works on stack ${name}, to end`,
});
