import { Refusal } from '../refusal.ts';
import type { QueryInput, QueryValue } from './query-protocol.ts';
import { cancelLater, changesOf, createLater, deleteLater, executeLater } from './stack-life.ts';
import {
  type FakeChangeSet,
  type FakeEvent,
  type FakeStack,
  findStack,
  newArn,
  newStack,
  resourcesOf,
  type StackContent,
  type StackState,
  templateOf,
} from './stack-state.ts';

type StackOperation = (input: QueryInput, state: StackState) => object;

const invalid = (message: string): Refusal => new Refusal('ValidationError', message);

const optional = (input: QueryInput, name: string): string | undefined => {
  const value = input[name];
  return typeof value === 'string' ? value : undefined;
};

function text(input: QueryInput, name: string): string {
  const value = optional(input, name);
  if (value === undefined || value === '')
    throw invalid(`Value null at '${name}' failed to satisfy constraint`);
  return value;
}

const list = (input: QueryInput, name: string): readonly QueryValue[] => {
  const value = input[name];
  return Array.isArray(value) ? (value as readonly QueryValue[]) : [];
};

const records = (input: QueryInput, name: string): readonly Readonly<Record<string, string>>[] =>
  list(input, name) as readonly Readonly<Record<string, string>>[];

function requireStack(state: StackState, name: string): FakeStack {
  const stack = findStack(state, name);
  if (stack === undefined) throw invalid(`Stack with id ${name} does not exist`);
  return stack;
}

function templateText(input: QueryInput, state: StackState): string {
  const body = optional(input, 'TemplateBody');
  if (body !== undefined) {
    if (Buffer.byteLength(body) > 51_200)
      throw invalid("1 validation error detected: Value at 'templateBody' failed to satisfy constraint");
    return body;
  }
  const stored = state.templates.get(text(input, 'TemplateURL'));
  if (stored === undefined) throw invalid('S3 error: Access Denied');
  return stored;
}

const NAMED =
  /^AWS::IAM::(Role|User|Group|ManagedPolicy|Policy|InstanceProfile|UserToGroupAddition|AccessKey)$/;

function checkCapabilities(input: QueryInput, content: StackContent): void {
  const given = list(input, 'Capabilities');
  const needs = Object.values(resourcesOf(content)).some(({ Type }) => NAMED.test(Type));
  if (!needs || given.includes('CAPABILITY_NAMED_IAM') || given.includes('CAPABILITY_IAM')) return;
  throw new Refusal('InsufficientCapabilitiesException', 'Requires capabilities : [CAPABILITY_IAM]');
}

function parametersOf(
  input: QueryInput,
  template: string,
  stack: FakeStack | undefined,
): StackContent['parameters'] {
  const declared = (templateOf({ template })['Parameters'] ?? {}) as Record<string, { Default?: string }>;
  const given = records(input, 'Parameters');
  const unknown = given.filter(({ ParameterKey = '' }) => !(ParameterKey in declared));
  if (unknown.length > 0) {
    const names = unknown.map(({ ParameterKey }) => ParameterKey).join(', ');
    throw invalid(`Parameters: [${names}] do not exist in the template`);
  }
  return Object.entries(declared).map(([ParameterKey, { Default }]) => {
    const one = given.find((each) => each['ParameterKey'] === ParameterKey);
    const before = stack?.content?.parameters.find((each) => each.ParameterKey === ParameterKey);
    if (one?.['UsePreviousValue'] === 'true' && before === undefined)
      throw invalid(
        `Invalid input for parameter key ${ParameterKey}. Cannot specify usePreviousValue as true`,
      );
    const value = one?.['UsePreviousValue'] === 'true' ? before?.ParameterValue : one?.['ParameterValue'];
    const ParameterValue = value ?? Default;
    if (ParameterValue === undefined) throw invalid(`Parameters: [${ParameterKey}] must have values`);
    return { ParameterKey, ParameterValue };
  });
}

const IS_SETTLED = /^(CREATE|UPDATE|IMPORT|UPDATE_ROLLBACK|IMPORT_ROLLBACK)_COMPLETE$/;

/** The stack that a change set is for; a shell where it is to be made. */
function stackFor(input: QueryInput, state: StackState): FakeStack {
  const name = text(input, 'StackName');
  const stack = findStack(state, name);
  if (input['ChangeSetType'] === 'CREATE') {
    if (stack !== undefined && stack.status !== 'REVIEW_IN_PROGRESS')
      throw invalid(
        `Stack [${name}] already exists and cannot be created again with the changeSet [${text(input, 'ChangeSetName')}].`,
      );
    return stack ?? newStack(state, name);
  }
  if (stack === undefined || stack.status === 'REVIEW_IN_PROGRESS')
    throw invalid(`Stack [${name}] does not exist`);
  if (!IS_SETTLED.test(stack.status))
    throw invalid(`Stack:${stack.id} is in ${stack.status} state and can not be updated.`);
  return stack;
}

const createChangeSet: StackOperation = (input, state) => {
  const [name, template] = [text(input, 'ChangeSetName'), templateText(input, state)];
  const there = findStack(state, text(input, 'StackName'));
  const tags = records(input, 'Tags').map(({ Key = '', Value = '' }) => ({ Key, Value }));
  const parameters = parametersOf(input, template, there);
  const content = { template, parameters, tags, roleArn: optional(input, 'RoleARN') };
  checkCapabilities(input, content);
  const known = there?.changeSets.find((each) => each.name === name);
  const token = optional(input, 'ClientToken');
  if (known !== undefined) {
    if (known.token !== undefined && known.token === token) return { Id: known.id, StackId: there?.id };
    throw new Refusal('AlreadyExistsException', `ChangeSet ${name} cannot be created due to a name conflict`);
  }
  const stack = stackFor(input, state);
  const changeSet: FakeChangeSet = {
    ...content,
    id: newArn(state, 'changeSet', name),
    ...{ name, token, type: optional(input, 'ChangeSetType') ?? 'UPDATE' },
    revertsDrift: optional(input, 'DeploymentMode') === 'REVERT_DRIFT',
    ...{ status: 'CREATE_PENDING', reason: undefined, executionStatus: 'UNAVAILABLE' },
  };
  stack.changeSets.push(changeSet);
  createLater(state, stack, changeSet);
  return { Id: changeSet.id, StackId: stack.id };
};

function changeSetOf(
  input: QueryInput,
  state: StackState,
): { readonly stack: FakeStack; readonly changeSet: FakeChangeSet } {
  const name = text(input, 'ChangeSetName');
  const stackName = optional(input, 'StackName');
  const stacks = stackName === undefined ? state.stacks : [requireStack(state, stackName)];
  for (const stack of stacks) {
    const changeSet = stack.changeSets.find((each) => each.id === name || each.name === name);
    if (changeSet !== undefined) return { stack, changeSet };
  }
  throw new Refusal('ChangeSetNotFound', `ChangeSet [${name}] does not exist`, 404);
}

/** What is told at once. */
const PAGE = 20;

function pageOf<T>(
  all: readonly T[],
  input: QueryInput,
): { readonly page: readonly T[]; readonly NextToken: string | undefined } {
  const from = Number(optional(input, 'NextToken') ?? 0);
  const NextToken = from + PAGE < all.length ? String(from + PAGE) : undefined;
  return { page: all.slice(from, from + PAGE), NextToken };
}

const describeChangeSet: StackOperation = (input, state) => {
  const { stack, changeSet } = changeSetOf(input, state);
  const all = changeSet.status === 'CREATE_COMPLETE' ? changesOf(stack.content, changeSet) : [];
  const { page: made, NextToken } = pageOf(all, input);
  return {
    NextToken,
    ...{ ChangeSetName: changeSet.name, ChangeSetId: changeSet.id, StackId: stack.id, StackName: stack.name },
    ...{
      Status: changeSet.status,
      StatusReason: changeSet.reason,
      ExecutionStatus: changeSet.executionStatus,
    },
    Changes: made.map(({ action, logicalId, type, policy }) => ({
      Type: 'Resource',
      ResourceChange: {
        ...{ Action: action, LogicalResourceId: logicalId, ResourceType: type },
        ...(action === 'Modify' && {
          Replacement: state.failing.has(`replace ${logicalId}`) ? 'True' : 'False',
        }),
        ...(policy !== undefined && { PolicyAction: policy }),
      },
    })),
  };
};

const executeChangeSet: StackOperation = (input, state) => {
  const { stack, changeSet } = changeSetOf(input, state);
  const token = optional(input, 'ClientRequestToken');
  if (stack.events.some((event) => event.token === token && token !== undefined))
    throw new Refusal('TokenAlreadyExistsException', 'A client request token already exists');
  if (changeSet.executionStatus !== 'AVAILABLE')
    throw new Refusal(
      'InvalidChangeSetStatus',
      `ChangeSet [${changeSet.id}] cannot be executed in its current execution status of [${changeSet.executionStatus}]`,
    );
  if (stack.status.endsWith('_IN_PROGRESS') && stack.status !== 'REVIEW_IN_PROGRESS')
    throw new Refusal('InvalidChangeSetStatus', `Stack ${stack.id} is in ${stack.status} state`);
  stack.before = viewOf(stack, state);
  executeLater(state, stack, changeSet, token);
  return {};
};

const viewOf = (stack: FakeStack, { namesChangeSets }: StackState): object => ({
  ...{
    StackId: stack.id,
    StackName: stack.name,
    ChangeSetId: namesChangeSets ? stack.changeSetId : undefined,
  },
  ...{ StackStatus: stack.status, StackStatusReason: stack.reason, CreationTime: new Date(stack.createdAt) },
  ...{ RoleARN: stack.content?.roleArn, EnableTerminationProtection: stack.isProtected },
  ...{ Parameters: stack.content?.parameters ?? [], Tags: stack.content?.tags ?? [] },
  DriftInformation: { StackDriftStatus: stack.isDrifted ? 'DRIFTED' : 'NOT_CHECKED' },
});

const describeStacks: StackOperation = (input, state) => {
  const stack = requireStack(state, text(input, 'StackName'));
  if (state.staleReads === 0 || stack.before === undefined) return { Stacks: [viewOf(stack, state)] };
  state.staleReads -= 1;
  return { Stacks: [stack.before] };
};

const eventView = (event: FakeEvent): object => ({
  ...{ EventId: event.id, StackId: event.stackId, Timestamp: new Date(event.at) },
  ...{ LogicalResourceId: event.logicalId, PhysicalResourceId: event.physicalId },
  ...{ ResourceType: event.type, ResourceStatus: event.status },
  ...{ ResourceStatusReason: event.reason, ClientRequestToken: event.token },
});

const describeStackEvents: StackOperation = (input, state) => {
  const { page, NextToken } = pageOf(requireStack(state, text(input, 'StackName')).events, input);
  return { StackEvents: page.map(eventView), NextToken };
};

/** Of a change set by its ARN: what was wrong with it, between the events of the operation, of which none says why. */
const describeEvents: StackOperation = (input, state) => {
  const id = optional(input, 'ChangeSetName');
  if (id === undefined || !id.startsWith('arn:')) throw invalid('ChangeSetName has to be an ARN');
  changeSetOf({ ChangeSetName: id }, state);
  const detail = state.changeSetFault?.detail;
  const failed = [
    { EventType: 'STACK_EVENT', OperationStatus: 'FAILED' },
    ...(detail === undefined
      ? []
      : [{ EventType: 'VALIDATION_ERROR', ValidationStatusReason: detail, LogicalResourceId: 'Assets' }]),
  ];
  const began = { EventType: 'STACK_EVENT', ResourceStatusReason: 'User Initiated' };
  const { FailedEvents = 'false' } = input['Filters'] as { readonly FailedEvents?: string };
  return { OperationEvents: FailedEvents === 'true' ? failed : [...failed, began] };
};

const deleteStack: StackOperation = (input, state) => {
  const stack = findStack(state, text(input, 'StackName'));
  if (stack === undefined || stack.status === 'DELETE_COMPLETE') return {};
  if (stack.isProtected)
    throw invalid(`Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`);
  deleteLater(state, stack, optional(input, 'ClientRequestToken'));
  return {};
};

export const STACK_OPERATIONS: Readonly<Record<string, StackOperation>> = {
  CreateChangeSet: createChangeSet,
  DescribeChangeSet: describeChangeSet,
  ExecuteChangeSet: executeChangeSet,
  DeleteChangeSet: (input, state) => {
    const { stack, changeSet } = changeSetOf(input, state);
    stack.changeSets.splice(stack.changeSets.indexOf(changeSet), 1);
    return {};
  },
  DescribeStacks: describeStacks,
  GetTemplate: (input, state) => ({
    TemplateBody: requireStack(state, text(input, 'StackName')).content?.template,
  }),
  CancelUpdateStack: (input, state) => {
    const stack = requireStack(state, text(input, 'StackName'));
    if (stack.status !== 'UPDATE_IN_PROGRESS')
      throw invalid(`CancelUpdateStack cannot be called from current stack status ${stack.status}`);
    cancelLater(state, stack, optional(input, 'ClientRequestToken'));
    return {};
  },
  DescribeStackEvents: describeStackEvents,
  DescribeEvents: describeEvents,
  DeleteStack: deleteStack,
};
