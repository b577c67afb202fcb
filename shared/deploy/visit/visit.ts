import type { ArtifactLocation, DeployContext, RemoveContext } from '../kit/deploy-context.ts';
import type { JsonValue } from '../kit/json-value.ts';
import type { DeployPlan } from '../kit/plan.ts';
import type { StepResult } from '../kit/step-result.ts';

/** What the engine gives a kind for one visit; the kind's own settings are bound to it. */
export type Visit = Omit<DeployContext<object, JsonValue>, 'settings'>;

/** The same of a removal, which has no artifact. */
export type RemoveVisit = Omit<RemoveContext<object, JsonValue>, 'settings'>;

/** What a visit came to, in a ledger's words. */
export type VisitResult = StepResult<JsonValue, JsonValue>;

/** A kind with the settings of one deploy: what the engine runs. */
export interface BoundDeployer {
  readonly followsEveryRevision?: true;
  /** It may be under way for longer than a visit. */
  readonly isLong: boolean;
  /** Its steps do the work themselves. */
  readonly worksInStep?: true;
  readonly plan: (visit: Visit) => Promise<DeployPlan>;
  readonly step: (visit: Visit) => Promise<VisitResult>;
  readonly look?: (visit: Visit, progress: JsonValue) => Promise<VisitResult>;
  readonly remove?: (visit: RemoveVisit, progress: JsonValue | null) => Promise<VisitResult>;
  readonly undo?: (visit: Visit, progress: JsonValue | null) => Promise<VisitResult>;
  /** Whether what was applied is still as it was left; absent where that cannot be told cheaply. Never throws. */
  readonly stands?: (location: ArtifactLocation) => Promise<boolean>;
  /** Changes with the document of the deploy. Too short to find a secret of its by trying. */
  readonly spec?: string;
}
