import { isObject, type JsonObject, parseObject } from '../../shared/kernel/json.ts';

interface Parameter {
  readonly ParameterKey: string;
  readonly ParameterValue: string;
}

interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** What a stack is made of. */
export interface StackContent {
  /** JSON, as sent or as it is at TemplateURL. */
  readonly template: string;
  readonly parameters: readonly Parameter[];
  readonly tags: readonly Tag[];
  readonly roleArn: string | undefined;
}

export interface FakeChangeSet extends StackContent {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly token: string | undefined;
  /** Compares with what there is, not with the last template. */
  readonly revertsDrift: boolean;
  status: string;
  reason: string | undefined;
  executionStatus: string;
}

export interface FakeEvent {
  readonly id: string;
  readonly stackId: string;
  readonly at: number;
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId: string;
  readonly status: string;
  readonly reason: string | undefined;
  readonly token: string | undefined;
}

export interface FakeStack {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  status: string;
  reason: string | undefined;
  /** Of the change set that was executed last. */
  changeSetId: string | undefined;
  isProtected: boolean;
  /** Somebody changed a resource by hand, and drift was detected. */
  isDrifted: boolean;
  /** Null: a shell, or deleted. */
  content: StackContent | null;
  readonly changeSets: FakeChangeSet[];
  /** Newest first. */
  readonly events: FakeEvent[];
  /** Answered while reads are stale. */
  before: object | undefined;
}

/** How a resource fails. */
export interface ResourceFault {
  readonly reason: string;
  /** The way back fails, too. */
  readonly rollbackReason?: string;
}

export interface StackState {
  readonly now: () => number;
  readonly stacks: FakeStack[];
  /** By URL, for TemplateURL. */
  readonly templates: Map<string, string>;
  /** By logical id: making or changing it fails. */
  readonly failing: Map<string, ResourceFault>;
  /** How each change set that is not empty comes out, where not well. */
  changeSetFault: { readonly reason: string; readonly detail?: string } | undefined;
  /** Answers of DescribeStacks that still tell what was before the last execution. */
  staleReads: number;
  /** Whether a stack names the change set that was executed last; moto's do not. */
  namesChangeSets: boolean;
  /** Milliseconds that making a change set, and executing one, take. */
  readonly takes: { createMs: number; executeMs: number };
  readonly due: { readonly at: number; readonly run: () => void }[];
  /** How often each change set was executed. */
  readonly executions: string[];
  serial: number;
}

export const createStackState = (now: () => number): StackState => ({
  now,
  stacks: [],
  templates: new Map(),
  failing: new Map(),
  changeSetFault: undefined,
  staleReads: 0,
  namesChangeSets: true,
  takes: { createMs: 4_000, executeMs: 30_000 },
  due: [],
  executions: [],
  serial: 0,
});

/** Does what has come due, in its order. */
export function settle(state: StackState): void {
  for (;;) {
    state.due.sort((a, b) => a.at - b.at);
    const next = state.due[0];
    if (next === undefined || next.at > state.now()) return;
    state.due.shift();
    next.run();
  }
}

const PREFIX = 'arn:aws:cloudformation:eu-central-1:123456789012';

export const newArn = (state: StackState, kind: 'stack' | 'changeSet', name: string): string => {
  state.serial += 1;
  return `${PREFIX}:${kind}/${name}/00000000-0000-4000-8000-${String(state.serial).padStart(12, '0')}`;
};

export function newStack(state: StackState, name: string): FakeStack {
  const stack: FakeStack = {
    id: newArn(state, 'stack', name),
    name,
    createdAt: state.now(),
    status: 'REVIEW_IN_PROGRESS',
    reason: undefined,
    changeSetId: undefined,
    isProtected: false,
    isDrifted: false,
    content: null,
    changeSets: [],
    events: [],
    before: undefined,
  };
  state.stacks.push(stack);
  return stack;
}

/** By name those that are not deleted; by id all. */
export const findStack = ({ stacks }: StackState, name: string): FakeStack | undefined =>
  stacks.find((stack) => stack.id === name || (stack.name === name && stack.status !== 'DELETE_COMPLETE'));

interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
}

/** By logical id. The stand-in reads JSON alone. */
export function resourcesOf(content: StackContent | null): Readonly<Record<string, Resource>> {
  const resources = content === null ? undefined : parseObject(content.template)?.['Resources'];
  return isObject(resources) ? (resources as Readonly<Record<string, Resource>>) : {};
}

export const templateOf = ({ template }: Pick<StackContent, 'template'>): JsonObject =>
  parseObject(template) ?? {};
