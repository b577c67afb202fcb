import { inByteOrder } from '../../kernel/byte-order.ts';
import type { DeployPlan, PlannedChange } from '../kit/plan.ts';
import type { StackView } from './cloudformation.ts';
import { stackMeaning } from './stack-status.ts';
import type { StackVisit } from './stack-visit.ts';
import { outlineTemplate, type TemplateOutline } from './template/template-outline.ts';
import { readWanted, type WantedStack } from './wanted-stack.ts';

/** What CloudFormation tells of a secret value: whether it differs cannot be said. */
const HIDDEN = /^\*+$/;

function resourceChanges(before: TemplateOutline, after: TemplateOutline): readonly PlannedChange[] {
  return inByteOrder(new Set([...before.keys(), ...after.keys()])).flatMap((id): PlannedChange[] => {
    const [was, is] = [before.get(id), after.get(id)];
    if (was?.text === is?.text) return [];
    const what = `${(is ?? was)?.type} ${id}`;
    if (was === undefined) return [{ action: 'create', what }];
    if (is === undefined) return [{ action: 'delete', what }];
    if (was.type === is.type) return [{ action: 'update', what }];
    return [{ action: 'replace', what, why: `it was a ${was.type}` }];
  });
}

const changed = (
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): readonly string[] =>
  inByteOrder(Object.keys(after)).filter(
    (name) => before[name] !== after[name] && !HIDDEN.test(before[name] ?? ''),
  );

function settingChanges(stack: StackView, wanted: WantedStack, { context }: StackVisit): PlannedChange[] {
  const { settings } = context;
  const update = (what: string, why?: string): PlannedChange => ({
    action: 'update',
    what,
    ...(why !== undefined && { why }),
  });
  const gone = Object.keys(stack.tags).filter((key) => !Object.hasOwn(settings.tags, key));
  const tags = [...changed(stack.tags, settings.tags), ...gone];
  return [
    ...changed(stack.parameters, wanted.parameters).map((name) => update(`parameter ${name}`)),
    ...tags.map((key) => update(`tag ${key}`)),
    ...(stack.hasDrifted && settings.revertDrift
      ? [update(`stack ${settings.stack}`, 'somebody changed its resources by hand')]
      : []),
  ];
}

const summaryOf = (changes: readonly PlannedChange[]): string => {
  const counts = (['create', 'update', 'replace', 'delete'] as const).flatMap((action) => {
    const count = changes.filter((change) => change.action === action).length;
    return count === 0 ? [] : [`${count} to ${action}`];
  });
  return counts.length === 0 ? 'nothing to change' : counts.join(', ');
};

const planOf = (changes: readonly PlannedChange[]): DeployPlan => ({ changes, summary: summaryOf(changes) });

/**
 * Compares the template, parameters and tags of the stack with what is wanted: a change set, which knows replacements, would
 * be written. What was changed by hand at a resource is seen once somebody has CloudFormation detect drift.
 */
export async function planStack(visit: StackVisit): Promise<DeployPlan> {
  const { context, cloudFormation } = visit;
  const name = context.settings.stack;
  const [wanted, stack] = await Promise.all([readWanted(context), cloudFormation.stacks.describe(name)]);
  const after = outlineTemplate(wanted.template.text);
  const meaning = stack === undefined ? 'absent' : stackMeaning(stack.status);
  if (stack === undefined || meaning === 'absent') return planOf(resourceChanges(new Map(), after));
  if (meaning === 'dead')
    return planOf([{ action: 'replace', what: `stack ${name}`, why: `it is ${stack.status}` }]);
  const text = await cloudFormation.stacks.template(stack.id);
  const resources = resourceChanges(outlineTemplate(text), after);
  const other =
    resources.length === 0 && text.trim() !== wanted.template.text.trim()
      ? [{ action: 'update', what: `template of stack ${name}` } as const]
      : [];
  const plan = planOf([...resources, ...other, ...settingChanges(stack, wanted, visit)]);
  if (meaning === 'settled') return plan;
  return { ...plan, summary: `${plan.summary}; the stack is ${stack.status}` };
}
