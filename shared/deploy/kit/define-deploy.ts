import type * as z from 'zod/mini';
import type { ArtifactLocation, DeployContext, RemoveContext } from './deploy-context.ts';
import type { JsonValue } from './json-value.ts';
import type { DeployOrigin, DeployPermission, TargetEvents, WakePattern } from './permission.ts';
import type { DeployPlan } from './plan.ts';
import type { StepResult } from './step-result.ts';

/**
 * One kind of deploy. Each method is one short visit (a minute at most): none waits for a target. What is under way is
 * returned as `running`, and looked at by a later visit, in another process as a rule.
 *
 * The engine holds: no two visits of one deploy and source at a time; nothing runs that waits for an approval, a window or a
 * dependency; never an older generation after a newer one. The kind holds: any visit that was killed anywhere, taken
 * again, comes to the same, since `runId` and the progress name what was begun.
 */
export interface DeployDefinition<
  Settings extends object,
  Progress extends JsonValue = never,
  Result extends JsonValue = null,
> {
  /** `[a-z][a-zA-Z0-9]*`, as in documents. */
  readonly kind: string;
  /**
   * The kind's own fields in the document, beside those that all have: an object of zod/mini, whose output parses to itself
   * again (defaults are fine, transforms are not): on AWS it travels as JSON.
   */
  readonly settings: z.ZodMiniObject<z.core.$ZodShape> & z.ZodMiniType<Settings>;
  /** Reads progress back from the ledger. Needed where `step` ever returns `running`. */
  readonly progress?: z.ZodMiniType<Progress>;
  /** Reads `applied.result` back from the ledger. Needed where `step` ever gives a result. */
  readonly result?: z.ZodMiniType<Result>;
  /** A step does the work itself, and has the deploy's timeout for it, up to 15 minutes; only looks are short. */
  readonly worksInStep?: true;
  /** Steps also for a revision whose content is what was applied: what it leaves points at the artifact itself. */
  readonly followsEveryRevision?: true;
  /** What it may do on AWS: the least. Reading the store's artifacts is always there. */
  readonly permissions?: (settings: Settings, origin: DeployOrigin) => readonly DeployPermission[];
  /** What `remove` needs beside that: given only where the document has `prune: true`. */
  readonly removePermissions?: (settings: Settings, origin: DeployOrigin) => readonly DeployPermission[];
  /** Events of targets of this kind, whatever deploy they are of: what a function of many deploys listens to. */
  readonly events?: readonly TargetEvents[];
  /** Of these, those of the target: they have the deploy look at once. A hint: they may be late, doubled and lost. */
  readonly wakes?: (settings: Settings, origin: DeployOrigin) => readonly WakePattern[];
  /**
   * Says what a step would do, and writes nothing anywhere. Asked for `--dry-run`, for `dryRun: true`, before an
   * approval, and for drift: where everything is applied already, a change is a drift.
   */
  readonly plan: (context: DeployContext<Settings, Result>) => Promise<DeployPlan>;
  /**
   * Whether what was applied is still as it was left. Only where that costs next to nothing: it is asked with each look,
   * and what does not stand is put back at once. Never throws.
   */
  readonly stands?: (settings: Settings, location: ArtifactLocation) => Promise<boolean>;
  /** Starts what makes the target have the revision, or does it at once. Taken again after a crash with the same `runId`. */
  readonly step: (context: DeployContext<Settings, Result>) => Promise<StepResult<Progress, Result>>;
  /** One look at what is under way, also what `undo` began; goes on with it where it has to be pushed. */
  readonly look?: (
    context: DeployContext<Settings, Result>,
    progress: Progress,
  ) => Promise<StepResult<Progress, Result>>;
  /**
   * Brings the target back to what `applied` says after a failure, where the document has `rollback: onFailure`. May return
   * `running`. It has ended with `rolledBack` or `succeeded`; the run is then RolledBack with the failure's own reason.
   * @param progress of what failed; null where a step failed before it returned any
   */
  readonly undo?: (
    context: DeployContext<Settings, Result>,
    progress: Progress | null,
  ) => Promise<StepResult<Progress, Result>>;
  /**
   * Takes away what the deploy left, and only what `applied` says is ours, when the deploy has gone from the documents and
   * had `prune: true`. May return `running`: it is then asked again, with that progress, until it has ended.
   */
  readonly remove?: (
    context: RemoveContext<Settings, Result>,
    progress: Progress | null,
  ) => Promise<StepResult<Progress, Result>>;
}

/** A kind, whatever its settings are: what the engine runs. `settings`, `progress` and `result` are JSON that it reads itself. */
export interface DefinedDeploy {
  readonly kind: string;
  readonly definition: DeployDefinition<object, JsonValue, JsonValue>;
}

const KIND_NAME = /^[a-z][a-zA-Z0-9]{0,63}$/;

/**
 * Makes a kind of deploy, ours or a team's own.
 * @throws TypeError where `kind` is no name, or a step that can be under way has nothing that looks at it
 */
export function defineDeploy<
  Settings extends object,
  Progress extends JsonValue = never,
  Result extends JsonValue = null,
>(
  definition: DeployDefinition<Settings, Progress, Result>,
): DeployDefinition<Settings, Progress, Result> & DefinedDeploy {
  if (!KIND_NAME.test(definition.kind))
    throw new TypeError(`defineDeploy: kind ${JSON.stringify(definition.kind)}, wanted ${KIND_NAME.source}`);
  if ((definition.progress === undefined) !== (definition.look === undefined))
    throw new TypeError(`defineDeploy: kind ${definition.kind} needs both, progress and look, or neither`);
  // The engine hands each method only what the schemas of this same definition have read.
  const erased = definition as unknown as DeployDefinition<object, JsonValue, JsonValue>;
  return { ...definition, definition: erased };
}
