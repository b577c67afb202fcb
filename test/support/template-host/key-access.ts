import type { AwsCall } from '../aws-server/aws-server.ts';
import type { AccessRequest } from './iam-policy.ts';
import { resolveMap, type Scope } from './intrinsics.ts';
import { type Json, textAt, textIn } from './json.ts';
import { resourcesOf, type Template } from './template.ts';

/** Queues by their ARN, and the ARN of the key that each is encrypted with. */
export const encryptedQueues = (template: Template, scope: Scope): ReadonlyMap<string, string> =>
  new Map(
    resourcesOf(template, 'AWS::SQS::Queue').flatMap(({ id, properties }) => {
      const key = textAt(resolveMap(properties, scope), 'KmsMasterKeyId');
      return key === undefined ? [] : [[scope.attribute(id, 'Arn') ?? '', key] as const];
    }),
  );

/**
 * What SQS asks KMS in the name of who calls it. A data key is proven to be whole where it is made.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
 */
const QUEUE_ACTIONS: Readonly<Record<string, readonly string[]>> = {
  SendMessageBatch: ['kms:GenerateDataKey', 'kms:Decrypt'],
  SendMessage: ['kms:GenerateDataKey', 'kms:Decrypt'],
  ReceiveMessage: ['kms:Decrypt'],
};

type Caller = Pick<AccessRequest, 'principal' | 'context'>;

const onKey = (
  key: string | undefined,
  actions: readonly string[],
  caller: Caller,
): readonly AccessRequest[] =>
  key === undefined ? [] : actions.map((action) => ({ ...caller, action, resource: key }));

/** The requests to KMS that it is to send to a queue, or to receive from one. */
export const queueKeyRequests = (
  operation: 'SendMessage' | 'ReceiveMessage',
  queue: string,
  caller: Caller,
  keys: ReadonlyMap<string, string>,
): readonly AccessRequest[] => onKey(keys.get(queue), QUEUE_ACTIONS[operation] ?? [], caller);

/** The same of a call of SQS, which names the queue by its URL. */
export function callKeyRequests(
  { operation, input }: AwsCall,
  principal: string,
  keys: ReadonlyMap<string, string>,
): readonly AccessRequest[] {
  const actions = QUEUE_ACTIONS[operation];
  if (actions === undefined) return [];
  const name =
    textIn(input as Json, 'QueueUrl')
      .split('/')
      .at(-1) ?? '';
  const [, key] = [...keys].find(([arn]) => arn.endsWith(`:${name}`)) ?? [];
  return onKey(key, actions, { principal, context: {} });
}
