import type { S3Operation } from '../../../aws-stand-ins/s3/s3-operation.ts';
import type { S3Request } from '../../../aws-stand-ins/s3/s3-request.ts';
import type { AwsCall } from '../aws-server/aws-server.ts';
import { type AccessRequest, isAllowed, statementsOf } from './iam-policy.ts';
import { resolveMap, type Scope } from './intrinsics.ts';
import { isMap, type Json, listAt, mapsAt, textAt, textIn } from './json.ts';
import { resourcesOf, type Template } from './template.ts';

/** What a request would be with IAM in between: stand-ins are called without TLS. */
const TRANSPORT = { 'aws:securetransport': 'true', 's3:tlsversion': '1.3' };

/** Every statement of a stack: roles' own, and those of buckets, queues and buses. */
export interface StackAccess {
  allows(request: AccessRequest): boolean;
  /** What was refused, oldest first. */
  readonly refused: readonly AccessRequest[];
}

/** @throws Error for a kind of policy that is not known here, once it is asked about */
export function stackAccess(template: Template, scope: Scope): StackAccess {
  const all = (type: string): readonly Json[] =>
    resourcesOf(template, type).map(({ properties }) => resolveMap(properties, scope));
  const byRole = new Map<string, Json[]>();
  for (const properties of all('AWS::IAM::Policy')) {
    for (const role of listAt(properties, 'Roles').map(String)) {
      const known = byRole.get(role) ?? [];
      byRole.set(role, [...known, ...statementsOf(properties['PolicyDocument'])]);
    }
  }
  for (const { id, properties } of resourcesOf(template, 'AWS::IAM::Role')) {
    const own = mapsAt(resolveMap(properties, scope), 'Policies');
    const role = scope.ref(id) ?? id;
    if (listAt(properties, 'ManagedPolicyArns').length > 0) throw new Error(`${id} has managed policies`);
    byRole.set(role, [
      ...(byRole.get(role) ?? []),
      ...own.flatMap(({ PolicyDocument }) => statementsOf(PolicyDocument)),
    ]);
  }
  const ofResources = [
    ...['AWS::S3::BucketPolicy', 'AWS::SQS::QueuePolicy'].flatMap((type) =>
      all(type).flatMap(({ PolicyDocument }) => statementsOf(PolicyDocument)),
    ),
    ...all('AWS::Events::EventBusPolicy').flatMap((properties) => statementsOf(properties)),
    ...all('AWS::Lambda::Permission').map(permissionStatement),
  ];
  const refused: AccessRequest[] = [];
  return {
    refused,
    allows: (request) => {
      const role = request.principal.split(':role/')[1];
      const own = role === undefined ? [] : (byRole.get(role) ?? [ADMINISTRATOR]);
      const context = { ...TRANSPORT, 'aws:principalarn': request.principal, ...request.context };
      const isFine = isAllowed([...own, ...ofResources], { ...request, context });
      if (!isFine) refused.push(request);
      return isFine;
    },
  };
}

/** Roles that are not the stack's may do whatever its resources let them: the strongest caller there is. */
const ADMINISTRATOR: Json = { Effect: 'Allow', Action: '*', Resource: '*' };
export const ADMINISTRATOR_ROLE = 'arn:aws:iam::123456789012:role/Administrator';

const permissionStatement = (properties: Json): Json => {
  const [sourceArn, service] = [textAt(properties, 'SourceArn'), textIn(properties, 'Principal')];
  return {
    Effect: 'Allow',
    Action: properties['Action'],
    Resource: properties['FunctionName'],
    Principal: service === '*' ? '*' : { Service: service },
    ...(sourceArn !== undefined && { Condition: { ArnLike: { 'aws:SourceArn': sourceArn } } }),
  };
};

const S3_ACTIONS: Partial<Record<S3Operation, string>> = {
  CopyObject: 's3:PutObject',
  HeadObject: 's3:GetObject',
  DeleteObjects: 's3:DeleteObject',
  ListObjectsV2: 's3:ListBucket',
  HeadBucket: 's3:ListBucket',
  CreateMultipartUpload: 's3:PutObject',
  UploadPart: 's3:PutObject',
  CompleteMultipartUpload: 's3:PutObject',
  ListMultipartUploads: 's3:ListBucketMultipartUploads',
};
const CREATIONS: readonly S3Operation[] = ['PutObject', 'CopyObject', 'CompleteMultipartUpload'];

/** The requests that a call of S3 is, for IAM: one for each key of a batch. */
export function s3Requests(
  operation: S3Operation,
  { bucket, key, headers, query, body }: S3Request,
  principal: string,
): readonly AccessRequest[] {
  const arn = `arn:aws:s3:::${bucket}`;
  const keys =
    operation === 'DeleteObjects'
      ? [...body.toString('utf8').matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, each = '']) => each)
      : [key];
  const condition = headers['if-none-match'];
  const prefix = query.get('prefix');
  const writes = keys.map((each) => ({
    principal,
    action: S3_ACTIONS[operation] ?? `s3:${operation}`,
    resource: each === '' ? arn : `${arn}/${each}`,
    context: {
      's3:objectcreationoperation': String(CREATIONS.includes(operation)),
      ...(condition !== undefined && { 's3:if-none-match': condition }),
      ...(prefix !== null && { 's3:prefix': prefix }),
    },
  }));
  const source = headers['x-amz-copy-source'];
  if (source === undefined) return writes;
  // Who copies reads what is copied, too.
  const read = `arn:aws:s3:::${decodeURIComponent(String(source)).replace(/^\//, '')}`;
  return [...writes, { principal, action: 's3:GetObject', resource: read, context: {} }];
}

/** What a call of another service acts on. Secrets have six characters behind their name. */
function resourcesOfCall(
  { operation, input }: AwsCall,
  place: { readonly account: string; readonly region: string },
): readonly [action: string, resources: readonly string[]] {
  const arn = (service: string, resource: string): string =>
    `arn:aws:${service}:${place.region}:${place.account}:${resource}`;
  const queue = (): string => arn('sqs', textIn(input, 'QueueUrl').split('/').at(-1) ?? '');
  switch (operation) {
    case 'PutEvents': {
      const buses = listAt(input, 'Entries').map((entry) =>
        isMap(entry) ? textIn(entry, 'EventBusName') : '',
      );
      const busArn = (bus: string): string =>
        bus.startsWith('arn:') ? bus : arn('events', `event-bus/${bus}`);
      return ['events:PutEvents', buses.map(busArn)];
    }
    case 'SendMessageBatch':
      return ['sqs:SendMessage', [queue()]];
    case 'ReceiveMessage':
    case 'DeleteMessage':
    case 'ChangeMessageVisibility':
      return [`sqs:${operation}`, [queue()]];
    case 'GetSecretValue':
      return [
        'secretsmanager:GetSecretValue',
        [arn('secretsmanager', `secret:${textIn(input, 'SecretId')}-AbCdEf`)],
      ];
    case 'GetParameter':
      return ['ssm:GetParameter', [arn('ssm', `parameter/${textIn(input, 'Name').replace(/^\//, '')}`)]];
    case 'GetAuthorizationToken':
      return ['ecr:GetAuthorizationToken', ['*']];
    case 'AssumeRole':
      return ['sts:AssumeRole', [textIn(input, 'RoleArn')]];
    default:
      throw new Error(`${operation} is not known to IAM here`);
  }
}

export function awsRequests(
  call: AwsCall,
  { principal, ...place }: { readonly principal: string; readonly account: string; readonly region: string },
): readonly AccessRequest[] {
  const [action, resources] = resourcesOfCall(call, place);
  return resources.map((resource) => ({ principal, action, resource, context: {} }));
}
