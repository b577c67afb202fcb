import type { DefinedDeploy } from '../../../shared/deploy/kit/define-deploy.ts';
import type { DeployOrigin } from '../../../shared/deploy/kit/permission.ts';
import type { LedgerId } from '../../../shared/deploy/ledger/ledger.ts';
import { bindPermissions } from '../../../shared/deploy/visit/bind-kind.ts';
import { isLandfallError } from '../../../shared/errors.ts';
import { matches } from '../../../shared/event/pattern/matches.ts';
import { parsePattern } from '../../../shared/event/pattern/parse-pattern.ts';
import { parseObject } from '../../../shared/kernel/json.ts';
import type { SourceId } from '../../../shared/model/ids.ts';
import type { DeployEntry } from '../../../shared/source/deploy-entry.ts';
import { idsOf } from './deploy-looks.ts';

interface Listening {
  readonly deploys: readonly DeployEntry[];
  readonly sources: readonly SourceId[];
  readonly kindOf: (name: string) => DefinedDeploy | Promise<DefinedDeploy>;
  readonly origin: DeployOrigin;
}

/** What a deploy whose settings cannot be read listens to is told by its own look. */
function wakesOf(entry: DeployEntry, kind: DefinedDeploy, origin: DeployOrigin) {
  try {
    return bindPermissions({ [entry.kind]: kind }, entry, origin).wakes;
  } catch (error) {
    if (isLandfallError(error)) return [];
    throw error;
  }
}

/** Which deploys an event of AWS has look at once: those whose target it is of. */
export async function deployWakes(
  body: string,
  { deploys, sources, kindOf, origin }: Listening,
): Promise<readonly LedgerId[]> {
  const event = parseObject(body);
  if (event === undefined) return [];
  const woken: DeployEntry[] = [];
  for (const entry of deploys) {
    const wakes = wakesOf(entry, await kindOf(entry.kind), origin);
    if (wakes.some((wake) => matches(parsePattern(wake), event))) woken.push(entry);
  }
  return idsOf(woken, sources);
}
