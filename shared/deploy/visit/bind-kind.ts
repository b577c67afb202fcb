import type * as z from 'zod/mini';
import { LandfallError } from '../../errors.ts';
import { matched } from '../../kernel/matched.ts';
import type { DeployEntry } from '../../source/deploy-entry.ts';
import type { DefinedDeploy } from '../kit/define-deploy.ts';
import type { AppliedBefore, ArtifactLocation } from '../kit/deploy-context.ts';
import type { JsonValue } from '../kit/json-value.ts';
import type { DeployOrigin, DeployPermission, WakePattern } from '../kit/permission.ts';
import { planned, stillStands, visited } from './kind-calls.ts';
import type { BoundDeployer, RemoveVisit, Visit } from './visit.ts';

const read = <T>(value: unknown, schema: z.ZodMiniType<T>, what: string): T => {
  const found = matched(value, schema);
  if (found.ok) return found.data;
  throw new LandfallError('DEPLOY_FAILED', `${what} cannot be read: ${found.why}`, {
    hint: 'Another version of this kind wrote it: look at the target, then run it again by landfall replay.',
  });
};

/** What another version of the kind left is no reason to stop: the kind then knows no more than the revision. */
function appliedOf(
  applied: Visit['applied'],
  schema: z.ZodMiniType<JsonValue> | undefined,
): AppliedBefore<JsonValue> | null {
  if (applied === null || applied.result === null) return applied;
  const found = schema === undefined ? undefined : matched(applied.result, schema);
  return { ...applied, result: found?.ok === true ? found.data : null };
}

interface BoundPermissions {
  readonly permissions: readonly DeployPermission[];
  readonly wakes: readonly WakePattern[];
}

/** Where the target is: of what is done as a role, in the role's account. */
function atTarget({ role, region }: DeployEntry, origin: DeployOrigin): DeployOrigin {
  const [, partition = origin.partition, , , account = origin.account] = role?.arn.split(':') ?? [];
  return { ...origin, partition, account, region: region ?? origin.region };
}

/** What one deploy may do on AWS, and what wakes it. @throws LandfallError CONFIG_INVALID */
export function bindPermissions(
  kinds: Readonly<Record<string, DefinedDeploy>>,
  entry: DeployEntry,
  origin: DeployOrigin,
): BoundPermissions {
  const { name, kind, settings, prune = false } = entry;
  const definition = Object.hasOwn(kinds, kind) ? kinds[kind]?.definition : undefined;
  if (definition === undefined)
    throw new LandfallError('CONFIG_INVALID', `deploy ${name}: there is no kind ${kind}`);
  const own = matched(settings, definition.settings);
  if (!own.ok) throw new LandfallError('CONFIG_INVALID', `deploy ${name} of kind ${kind}: ${own.why}`);
  const { permissions, removePermissions, wakes } = definition;
  const at = atTarget(entry, origin);
  return {
    permissions: [
      ...(permissions?.(own.data, at) ?? []),
      ...(prune ? (removePermissions?.(own.data, at) ?? []) : []),
    ],
    wakes: wakes?.(own.data, at) ?? [],
  };
}

/**
 * @param settings the deploy's document, or the kind's own fields of it
 * @throws LandfallError CONFIG_INVALID
 */
export function bindKind({ definition }: DefinedDeploy, name: string, settings: unknown): BoundDeployer {
  const {
    kind,
    plan,
    step,
    look,
    undo,
    remove,
    stands,
    progress: progressSchema,
    followsEveryRevision,
    worksInStep,
  } = definition;
  const own = matched(settings, definition.settings);
  if (!own.ok) throw new LandfallError('CONFIG_INVALID', `deploy ${name} of kind ${kind}: ${own.why}`);
  const contextOf = <T extends RemoveVisit>(visit: T) => ({
    ...visit,
    settings: own.data,
    applied: appliedOf(visit.applied, definition.result),
  });
  const progressOf = (progress: JsonValue): JsonValue =>
    progressSchema === undefined ? progress : read(progress, progressSchema, `deploy ${name}: its progress`);
  return {
    isLong: progressSchema !== undefined,
    ...(worksInStep === true && { worksInStep }),
    ...(followsEveryRevision === true && { followsEveryRevision }),
    ...(stands !== undefined && {
      stands: (location: ArtifactLocation) => stillStands(() => stands(own.data, location)),
    }),
    plan: (visit) => planned(visit, () => plan(contextOf(visit))),
    step: (visit) => visited(visit, () => step(contextOf(visit))),
    ...(look !== undefined && {
      look: (visit: Visit, progress: JsonValue) =>
        visited(visit, () => look(contextOf(visit), progressOf(progress))),
    }),
    ...(remove !== undefined && {
      remove: (visit: RemoveVisit, progress: JsonValue | null) =>
        visited(visit, () => remove(contextOf(visit), progress === null ? null : progressOf(progress))),
    }),
    ...(undo !== undefined && {
      undo: (visit: Visit, progress: JsonValue | null) =>
        visited(visit, () => undo(contextOf(visit), progress === null ? null : progressOf(progress))),
    }),
  };
}
