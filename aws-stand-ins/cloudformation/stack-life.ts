import {
  type FakeChangeSet,
  type FakeStack,
  type ResourceFault,
  resourcesOf,
  type StackContent,
  type StackState,
  templateOf,
} from './stack-state.ts';

const STACK_TYPE = 'AWS::CloudFormation::Stack';

interface Told {
  readonly status: string;
  readonly reason?: string | undefined;
  readonly token?: string | undefined;
}

/** Of a resource, or of the stack itself where no logical id is given. */
function tell(
  state: StackState,
  stack: FakeStack,
  { status, reason, token }: Told,
  logicalId?: string,
): void {
  state.serial += 1;
  const type = logicalId === undefined ? STACK_TYPE : resourcesOf(stack.content)[logicalId]?.Type;
  stack.events.unshift({
    id: `event-${state.serial}`,
    stackId: stack.id,
    at: state.now(),
    logicalId: logicalId ?? stack.name,
    type: type ?? 'AWS::Test::Gone',
    physicalId: logicalId === undefined ? stack.id : `${stack.name}-${logicalId}`,
    ...{ status, reason, token },
  });
}

export function turn(state: StackState, stack: FakeStack, told: Told): void {
  stack.status = told.status;
  stack.reason = told.reason;
  tell(state, stack, told);
}

const later = (state: StackState, milliseconds: number, run: () => void): void => {
  state.due.push({ at: state.now() + milliseconds, run });
};

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const isEmpty = (before: StackContent | null, after: StackContent): boolean =>
  before !== null &&
  same(templateOf(before), templateOf(after)) &&
  same(before.parameters, after.parameters) &&
  same(before.tags, after.tags);

/** As CloudFormation says it. @see https://github.com/aws/aws-cdk/issues/10650 */
const emptyReason = (content: StackContent): string =>
  'Transform' in templateOf(content)
    ? 'No updates are to be performed.'
    : "The submitted information didn't contain changes. Submit different information to create a change set.";

/** A change set comes to be, or fails. */
export function createLater(state: StackState, stack: FakeStack, changeSet: FakeChangeSet): void {
  const { createMs } = state.takes;
  later(state, createMs / 2, () => {
    changeSet.status = 'CREATE_IN_PROGRESS';
  });
  later(state, createMs, () => {
    const hasNothing = isEmpty(stack.content, changeSet) && !(changeSet.revertsDrift && stack.isDrifted);
    const reason = hasNothing ? emptyReason(changeSet) : state.changeSetFault?.reason;
    changeSet.status = reason === undefined ? 'CREATE_COMPLETE' : 'FAILED';
    changeSet.reason = reason;
    changeSet.executionStatus = reason === undefined ? 'AVAILABLE' : 'UNAVAILABLE';
  });
}

export interface ChangedResource {
  readonly action: 'Add' | 'Modify' | 'Remove';
  readonly logicalId: string;
  readonly type: string;
  /** Retain keeps what is removed. */
  readonly policy: string | undefined;
}

/** A type that differs is a replacement. */
export function changesOf(before: StackContent | null, after: StackContent): readonly ChangedResource[] {
  const [old, next] = [resourcesOf(before), resourcesOf(after)];
  const changes = [...new Set([...Object.keys(next), ...Object.keys(old)])].flatMap((logicalId) => {
    const [was, is] = [old[logicalId], next[logicalId]];
    if (same(was, is)) return [];
    const action = was === undefined ? 'Add' : is === undefined ? 'Remove' : 'Modify';
    const { Type: type, DeletionPolicy: policy } = is ?? was ?? { Type: '' };
    return [{ action, logicalId, type, policy } as const];
  });
  return changes;
}

const faultOf = (
  state: StackState,
  stack: FakeStack,
  next: StackContent,
): [string, ResourceFault] | undefined =>
  changesOf(stack.content, next).flatMap(({ logicalId }): [string, ResourceFault][] => {
    const fault = state.failing.get(logicalId);
    return fault === undefined ? [] : [[logicalId, fault]];
  })[0];

/** What fails, what is cancelled with it, and the way back. */
function rollBack(
  state: StackState,
  stack: FakeStack,
  {
    next,
    token,
    logicalId,
    fault,
    isNew,
  }: {
    readonly next: StackContent;
    readonly token: string | undefined;
    readonly logicalId: string;
    readonly fault: ResourceFault;
    readonly isNew: boolean;
  },
): void {
  const before = stack.content;
  stack.content = next;
  const verb = isNew ? 'CREATE' : 'UPDATE';
  tell(state, stack, { status: `${verb}_FAILED`, reason: fault.reason, token }, logicalId);
  for (const { logicalId: other } of changesOf(before, next)) {
    const reason = `Resource ${verb === 'CREATE' ? 'creation' : 'update'} cancelled`;
    if (other !== logicalId) tell(state, stack, { status: `${verb}_FAILED`, reason, token }, other);
  }
  const way = isNew ? 'ROLLBACK' : 'UPDATE_ROLLBACK';
  const reason = `The following resource(s) failed to ${verb.toLowerCase()}: [${logicalId}]. `;
  turn(state, stack, { status: `${way}_IN_PROGRESS`, reason, token });
  later(state, state.takes.executeMs / 2, () => {
    stack.content = isNew ? null : before;
    const { rollbackReason } = fault;
    const end = rollbackReason === undefined ? 'COMPLETE' : 'FAILED';
    turn(state, stack, { status: `${way}_${end}`, reason: rollbackReason, token });
  });
}

/** A change set is executed: the others of its stack are gone at once. */
export function executeLater(
  state: StackState,
  stack: FakeStack,
  changeSet: FakeChangeSet,
  token: string | undefined,
): void {
  const isNew = stack.content === null;
  const verb = isNew ? 'CREATE' : 'UPDATE';
  stack.changeSets.splice(0, stack.changeSets.length, changeSet);
  changeSet.executionStatus = 'EXECUTE_IN_PROGRESS';
  state.executions.push(changeSet.name);
  stack.changeSetId = changeSet.id;
  turn(state, stack, { status: `${verb}_IN_PROGRESS`, reason: 'User Initiated', token });
  later(state, state.takes.executeMs, () => {
    const failed = faultOf(state, stack, changeSet);
    changeSet.executionStatus = failed === undefined ? 'EXECUTE_COMPLETE' : 'EXECUTE_FAILED';
    if (failed !== undefined) {
      const [logicalId, fault] = failed;
      return rollBack(state, stack, { next: changeSet, token, logicalId, fault, isNew });
    }
    stack.content = changeSet;
    if (changeSet.revertsDrift) stack.isDrifted = false;
    for (const logicalId of Object.keys(resourcesOf(changeSet)))
      tell(state, stack, { status: `${verb}_COMPLETE`, token }, logicalId);
    turn(state, stack, { status: `${verb}_COMPLETE`, token });
  });
}

/** Somebody else updates a stack, with a token of theirs. */
export function updateByOther(state: StackState, stack: FakeStack, token = 'console-1'): void {
  stack.changeSetId = undefined;
  turn(state, stack, { status: 'UPDATE_IN_PROGRESS', reason: 'User Initiated', token });
  later(state, state.takes.executeMs, () => turn(state, stack, { status: 'UPDATE_COMPLETE', token }));
}

export function deleteLater(state: StackState, stack: FakeStack, token: string | undefined): void {
  turn(state, stack, { status: 'DELETE_IN_PROGRESS', reason: 'User Initiated', token });
  later(state, state.takes.executeMs, () => {
    const held = Object.keys(resourcesOf(stack.content)).find((logicalId) => state.failing.has(logicalId));
    if (held !== undefined) {
      tell(state, stack, { status: 'DELETE_FAILED', reason: state.failing.get(held)?.reason, token }, held);
      const reason = `The following resource(s) failed to delete: [${held}]. `;
      return turn(state, stack, { status: 'DELETE_FAILED', reason, token });
    }
    stack.content = null;
    turn(state, stack, { status: 'DELETE_COMPLETE', token });
  });
}

/** What was under way does not come about; there is one stack at a time in such a test. */
export function cancelLater(state: StackState, stack: FakeStack, token: string | undefined): void {
  state.due.length = 0;
  turn(state, stack, { status: 'UPDATE_ROLLBACK_IN_PROGRESS', reason: 'User Initiated', token });
  later(state, state.takes.executeMs / 2, () =>
    turn(state, stack, { status: 'UPDATE_ROLLBACK_COMPLETE', token }),
  );
}
