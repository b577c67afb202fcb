import { type DeployKinds, kindsOf } from '../../../shared/deploy/kinds/deploy-kinds.ts';
import type { Life } from '../engine/scheduler.ts';
import { type Target, targetKind } from './target.ts';

/** The one kind of the simulated world, as one process reaches the targets. */
export const simulatedKinds = (targets: ReadonlyMap<string, Target>, { gate }: Life): DeployKinds =>
  kindsOf([targetKind(targets, gate)]);
