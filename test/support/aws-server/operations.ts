import { createHash, randomUUID } from 'node:crypto';
import { Refusal } from '../../../aws-stand-ins/refusal.ts';
import type { AwsState } from './aws-state.ts';

interface Context {
  /** What the signature is for. */
  readonly service: string;
  readonly region: string;
  readonly accessKeyId: string;
  /** Places in a batch that are refused. */
  readonly refused: { readonly at: ReadonlySet<number>; readonly code: string } | undefined;
}

type Input = Readonly<Record<string, unknown>>;

export type Operation = (input: Input, state: AwsState, context: Context) => object | string;

const text = (input: Input, name: string): string => {
  const value = input[name];
  if (typeof value === 'string') return value;
  throw new Refusal('ValidationException', `${name} is missing`);
};

const entriesOf = (input: Input): readonly Input[] => {
  const entries = input['Entries'] as readonly Input[] | undefined;
  if (entries === undefined || entries.length === 0) throw new Refusal('ValidationException', 'no entries');
  if (entries.length > 10) throw new Refusal('ValidationException', 'more than 10 entries');
  return entries;
};

const queueOf = (input: Input, state: AwsState) =>
  state.queue(new URL(text(input, 'QueueUrl')).pathname.split('/').at(-1) ?? '');

const isUnique = (ids: readonly unknown[]): boolean => new Set(ids).size === ids.length;

const putEvents: Operation = (input, state, { accessKeyId, refused }) => {
  const results = entriesOf(input).map((entry, at) => {
    if (refused?.at.has(at)) return { ErrorCode: refused.code, ErrorMessage: 'refused by the test' };
    state.events.push({
      bus: text(entry, 'EventBusName'),
      source: text(entry, 'Source'),
      detailType: text(entry, 'DetailType'),
      detail: JSON.parse(text(entry, 'Detail')) as Record<string, unknown>,
      resources: (entry['Resources'] ?? []) as readonly string[],
      time: Number(entry['Time']) * 1000,
      accessKeyId,
    });
    return { EventId: randomUUID() };
  });
  return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
};

/** A standard queue has neither, and refuses the second. */
function orderOf(
  entry: Parameters<typeof text>[0],
  input: Parameters<typeof text>[0],
): { readonly groupId: string; readonly deduplicationId: string } {
  if (text(input, 'QueueUrl').endsWith('.fifo'))
    return {
      groupId: text(entry, 'MessageGroupId'),
      deduplicationId: text(entry, 'MessageDeduplicationId'),
    };
  if ('MessageDeduplicationId' in entry)
    throw new Refusal('InvalidParameterValue', 'MessageDeduplicationId on a standard queue');
  return { groupId: randomUUID(), deduplicationId: randomUUID() };
}

const sendMessageBatch: Operation = (input, state, { refused }) => {
  const queue = queueOf(input, state);
  const entries = entriesOf(input);
  if (!isUnique(entries.map(({ Id }) => Id))) throw new Refusal('BatchEntryIdsNotDistinct', 'Id repeated');
  const results = entries.map((entry, at) => {
    const Id = text(entry, 'Id');
    if (refused?.at.has(at)) return { failed: { Id, Code: refused.code, SenderFault: false } };
    if ('DelaySeconds' in entry && text(input, 'QueueUrl').endsWith('.fifo'))
      throw new Refusal('InvalidParameterValue', 'DelaySeconds on a FIFO queue');
    const body = text(entry, 'MessageBody');
    const delayMs = Number(entry['DelaySeconds'] ?? 0) * 1000;
    const MessageId = queue.send({ body, ...orderOf(entry, input) }, delayMs);
    return { sent: { Id, MessageId, MD5OfMessageBody: createHash('md5').update(body).digest('hex') } };
  });
  return {
    Successful: results.flatMap(({ sent }) => sent ?? []),
    Failed: results.flatMap(({ failed }) => failed ?? []),
  };
};

const receiveMessage: Operation = (input, state) => ({
  Messages: queueOf(input, state)
    .receive(Number(input['MaxNumberOfMessages'] ?? 1))
    .map((message) => ({
      MessageId: message.messageId,
      ReceiptHandle: message.receiptHandle,
      Body: message.body,
      MD5OfBody: createHash('md5').update(message.body).digest('hex'),
      Attributes: {
        ApproximateReceiveCount: String(message.receives),
        MessageGroupId: message.groupId,
        SentTimestamp: String(message.sentAt),
      },
    })),
});

const changeVisibility: Operation = (input, state) => {
  const seconds = Number(input['VisibilityTimeout']);
  if (!queueOf(input, state).changeVisibility(text(input, 'ReceiptHandle'), seconds * 1000)) {
    throw new Refusal('ReceiptHandleIsInvalid', 'nobody holds it', 404);
  }
  return {};
};

/** ECR Public's answer is one; a private registry's a list. The password says who asked, where and which time. */
const authorizationToken: Operation = (_, state, { service, region, accessKeyId }) => {
  state.ecr.issued += 1;
  const token = `AWS:${accessKeyId} ${region} ${state.ecr.issued}`;
  const data = {
    authorizationToken: Buffer.from(token).toString('base64'),
    expiresAt: (state.now() + state.ecr.lifeMs) / 1000,
    proxyEndpoint: `https://000000000000.dkr.ecr.${region}.amazonaws.com`,
  };
  return { authorizationData: service === 'ecr-public' ? data : [data] };
};

const secretValue: Operation = (input, state) => {
  const name = text(input, 'SecretId');
  const value = state.secrets.get(name);
  if (value === undefined)
    throw new Refusal('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  return { Name: name, SecretString: value, VersionId: randomUUID() };
};

/** @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html */
const publicKey: Operation = (input, state) => {
  const id = text(input, 'KeyId');
  const key = state.signingKeys.get(id);
  if (key === undefined) throw new Refusal('NotFoundException', `Key '${id}' does not exist`);
  if (key.disabled === true) throw new Refusal('DisabledException', `${id} is disabled.`, 409);
  return {
    KeyId: `arn:aws:kms:eu-central-1:123456789012:key/${id}`,
    KeySpec: 'ECC_NIST_P256',
    CustomerMasterKeySpec: 'ECC_NIST_P256',
    KeyUsage: key.usage ?? 'SIGN_VERIFY',
    PublicKey: key.der.toString('base64'),
    SigningAlgorithms: ['ECDSA_SHA_256'],
  };
};

const parameter: Operation = (input, state) => {
  const name = text(input, 'Name');
  const value = state.parameters.get(name);
  if (value === undefined) throw new Refusal('ParameterNotFound', '');
  if (input['WithDecryption'] !== true) throw new Refusal('ValidationException', 'it would be ciphertext');
  return { Parameter: { Name: name, Type: 'SecureString', Value: value } };
};

export const assumedKeyOf = (role: string): string =>
  `ASIA${createHash('md5').update(role).digest('hex').slice(0, 8).toUpperCase()}`;

const assumeRole: Operation = (input, state) => {
  const role = text(input, 'RoleArn');
  if (!state.roles.has(role)) throw new Refusal('AccessDenied', `not authorized to assume ${role}`, 403);
  return `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>${assumedKeyOf(role)}</AccessKeyId>
<SecretAccessKey>assumed/secret+key=</SecretAccessKey><SessionToken>assumed</SessionToken>
<Expiration>${new Date(state.now() + 3_600_000).toISOString()}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;
};

/** The token says who it is for. @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html */
const webIdentityToken: Operation = (input, state) => {
  const audience = text(input, 'Audience.member.1').replaceAll(/[^A-Za-z]/g, '-');
  if (text(input, 'SigningAlgorithm') !== 'RS256') throw new Refusal('ValidationError', 'RS256 or ES384');
  return `<GetWebIdentityTokenResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetWebIdentityTokenResult>
<WebIdentityToken>web.identity.${audience}</WebIdentityToken>
<Expiration>${new Date(state.now() + Number(text(input, 'DurationSeconds')) * 1000).toISOString()}</Expiration>
</GetWebIdentityTokenResult></GetWebIdentityTokenResponse>`;
};

/** By the name after the dot of X-Amz-Target, or the query protocol's Action. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  PutEvents: putEvents,
  SendMessageBatch: sendMessageBatch,
  ReceiveMessage: receiveMessage,
  DeleteMessage: (input, state) => {
    queueOf(input, state).delete(text(input, 'ReceiptHandle'));
    return {};
  },
  ChangeMessageVisibility: changeVisibility,
  GetAuthorizationToken: authorizationToken,
  GetSecretValue: secretValue,
  GetParameter: parameter,
  GetPublicKey: publicKey,
  AssumeRole: assumeRole,
  GetWebIdentityToken: webIdentityToken,
};
