import type { DeployPlan, PlannedChange } from '../kit/plan.ts';
import type { FunctionVisit } from './function-visit.ts';
import { hasCode, readCode } from './wanted-code.ts';

/** Compares the code of the function, and that of the version its alias is at, with the revision's. */
export async function planFunction({ context, lambda }: FunctionVisit): Promise<DeployPlan> {
  const { settings, revision } = context;
  const { function: name, alias: aliasName } = settings;
  const [code, there] = await Promise.all([readCode(context), lambda.functions.get(name)]);
  if (there === undefined)
    return {
      changes: [],
      summary: `there is no function ${name}: this deploy gives code to one that is there`,
    };
  const why = revision.revision;
  const changes: PlannedChange[] = [];
  if (!hasCode(there, code.id)) changes.push({ action: 'update', what: `code of function ${name}`, why });
  if (aliasName !== undefined) {
    const alias = await lambda.aliases.get(name, aliasName);
    const what = `alias ${aliasName} of function ${name}`;
    if (alias === undefined) changes.push({ action: 'create', what, why });
    else {
      const version = await lambda.functions.version(name, alias.version);
      const isMoving = Object.keys(alias.weights).length > 0;
      if (version.codeSha256 !== there.codeSha256 || changes.length > 0 || isMoving)
        changes.push({ action: 'update', what, why: `it is at version ${alias.version}` });
    }
  }
  const summary = changes.map(({ action, what }) => `${action} ${what}`).join(', ');
  return { changes, summary: summary === '' ? 'nothing to change' : summary };
}
