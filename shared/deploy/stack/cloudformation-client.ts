import {
  CancelUpdateStackCommand,
  type Change,
  CloudFormationClient,
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeEventsCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  GetTemplateCommand,
  type Stack,
  type StackEvent,
} from '@aws-sdk/client-cloudformation';
import type { AwsAccess } from '../kit/aws-access.ts';
import { awsCode } from '../kit/failures.ts';
import type {
  ChangeSets,
  CloudFormation,
  NewChangeSet,
  ResourceChange,
  StackEvents,
  StackEventView,
  Stacks,
  StackView,
} from './cloudformation.ts';

interface Client {
  readonly aws: AwsAccess;
  readonly sdk: CloudFormationClient;
}

const changeOf = ({ ResourceChange: change }: Change): ResourceChange => ({
  action: change?.Action ?? '',
  logicalId: change?.LogicalResourceId ?? '',
  type: change?.ResourceType ?? '',
  replacement: change?.Replacement,
  policy: change?.PolicyAction,
});

const createInput = (changeSet: NewChangeSet) => ({
  ChangeSetType: changeSet.type,
  StackName: changeSet.stack,
  ChangeSetName: changeSet.name,
  ClientToken: changeSet.name,
  ...('body' in changeSet.template
    ? { TemplateBody: changeSet.template.body }
    : { TemplateURL: changeSet.template.url }),
  Parameters: changeSet.parameters.map(({ name: ParameterKey, value }) =>
    typeof value === 'string'
      ? { ParameterKey, ParameterValue: value }
      : { ParameterKey, UsePreviousValue: true },
  ),
  Tags: Object.entries(changeSet.tags).map(([Key, Value]) => ({ Key, Value })),
  Capabilities: changeSet.capabilities as ('CAPABILITY_IAM' | 'CAPABILITY_NAMED_IAM')[],
  RoleARN: changeSet.roleArn,
  Description: changeSet.description,
  ...(changeSet.revertDrift && { DeploymentMode: 'REVERT_DRIFT' as const }),
});

const changeSetsOf = ({ aws, sdk }: Client): ChangeSets => ({
  create: async (changeSet) => {
    const { Id = '', StackId = '' } = await aws.call('CreateChangeSet', (options) =>
      sdk.send(new CreateChangeSetCommand(createInput(changeSet)), options),
    );
    return { id: Id, stackId: StackId };
  },
  describe: async ({ name, stack }) => {
    const changes: ResourceChange[] = [];
    let token: string | undefined;
    for (;;) {
      const input = { ChangeSetName: name, StackName: stack, NextToken: token };
      const page = await aws.call('DescribeChangeSet', (options) =>
        sdk.send(new DescribeChangeSetCommand(input), options),
      );
      changes.push(...(page.Changes ?? []).map(changeOf));
      token = page.NextToken;
      if (token !== undefined) continue;
      const { ChangeSetId: id = '', StackId: stackId = '', Status: status = '' } = page;
      const { StatusReason: reason = '', ExecutionStatus: executionStatus = '' } = page;
      return { id, stackId, status, reason, executionStatus, changes };
    }
  },
  execute: async (ChangeSetName, ClientRequestToken) => {
    // Whether rollback is on by default differs between the model and what is done: so it is said.
    const command = new ExecuteChangeSetCommand({
      ChangeSetName,
      ClientRequestToken,
      DisableRollback: false,
    });
    await aws.call('ExecuteChangeSet', (options) => sdk.send(command, options));
  },
  remove: async (ChangeSetName) => {
    await aws.call('DeleteChangeSet', (options) =>
      sdk.send(new DeleteChangeSetCommand({ ChangeSetName }), options),
    );
  },
});

const stackOf = (stack: Stack): StackView => ({
  id: stack.StackId ?? '',
  status: stack.StackStatus ?? '',
  reason: stack.StackStatusReason ?? '',
  changeSetId: stack.ChangeSetId,
  isProtected: stack.EnableTerminationProtection === true,
  parameters: Object.fromEntries(
    (stack.Parameters ?? []).map(({ ParameterKey = '', ParameterValue = '' }) => [
      ParameterKey,
      ParameterValue,
    ]),
  ),
  tags: Object.fromEntries((stack.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
  roleArn: stack.RoleARN,
  hasDrifted: stack.DriftInformation?.StackDriftStatus === 'DRIFTED',
});

/** CloudFormation has no code of its own for a stack that is not there. */
const isMissing = (error: unknown): boolean =>
  awsCode(error) === 'ValidationError' && error instanceof Error && /does not exist/.test(error.message);

const stacksOf = ({ aws, sdk }: Client): Stacks => ({
  describe: async (StackName) => {
    try {
      const { Stacks: [stack] = [] } = await aws.call('DescribeStacks', (options) =>
        sdk.send(new DescribeStacksCommand({ StackName }), options),
      );
      return stack && stackOf(stack);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  },
  template: async (StackName) => {
    const command = new GetTemplateCommand({ StackName, TemplateStage: 'Original' });
    const { TemplateBody = '' } = await aws.call('GetTemplate', (options) => sdk.send(command, options));
    return TemplateBody;
  },
  cancel: async (StackName, ClientRequestToken) => {
    const command = new CancelUpdateStackCommand({ StackName, ClientRequestToken });
    await aws.call('CancelUpdateStack', (options) => sdk.send(command, options));
  },
  remove: async (StackName, { roleArn: RoleARN, token: ClientRequestToken }) => {
    const command = new DeleteStackCommand({ StackName, RoleARN, ClientRequestToken });
    await aws.call('DeleteStack', (options) => sdk.send(command, options));
  },
});

const eventOf = (event: StackEvent): StackEventView => ({
  id: event.EventId ?? '',
  stackId: event.StackId ?? '',
  at: event.Timestamp?.getTime() ?? 0,
  logicalId: event.LogicalResourceId ?? '',
  type: event.ResourceType ?? '',
  physicalId: event.PhysicalResourceId ?? '',
  status: event.ResourceStatus ?? '',
  reason: event.ResourceStatusReason ?? '',
  token: event.ClientRequestToken,
});

const eventsOf = ({ aws, sdk }: Client): StackEvents => ({
  ofStack: async function* (StackName) {
    let NextToken: string | undefined;
    do {
      const input = { StackName, NextToken };
      const page = await aws.call('DescribeStackEvents', (options) =>
        sdk.send(new DescribeStackEventsCommand(input), options),
      );
      yield (page.StackEvents ?? []).map(eventOf);
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
  },
  ofChangeSet: async (ChangeSetName) => {
    const command = new DescribeEventsCommand({ ChangeSetName, Filters: { FailedEvents: true } });
    const { OperationEvents = [] } = await aws.call('DescribeEvents', (options) =>
      sdk.send(command, options),
    );
    return OperationEvents.flatMap((event) => {
      const reason = event.ValidationStatusReason ?? event.HookStatusReason ?? event.ResourceStatusReason;
      if (reason === undefined) return [];
      const where = [event.LogicalResourceId, event.ValidationPath].filter((part) => part !== undefined);
      return [where.length === 0 ? reason : `${where.join(' ')}: ${reason}`];
    });
  },
});

/** CloudFormation by the SDK, for one deploy. */
export function openCloudFormation(aws: AwsAccess): CloudFormation {
  const client = { aws, sdk: new CloudFormationClient(aws.settings) };
  return { changeSets: changeSetsOf(client), stacks: stacksOf(client), events: eventsOf(client) };
}
