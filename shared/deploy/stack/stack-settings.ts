import * as z from 'zod/mini';
import { TAG_KEY_CHARACTERS } from '../../limits.ts';

const text = (expression: RegExp, what: string) => z.string().check(z.regex(expression, what));

const parameterName = text(/^[A-Za-z0-9]{1,255}$/, 'not the name of a parameter');
const logicalId = text(/^[A-Za-z0-9]{1,255}$/, 'not a logical id');
const path = text(/^[^/\s][^\0]*$/, 'not a path in the artifact');

/** What removing or replacing loses for good. Snapshots and retained ones are let through. */
const STATEFUL = [
  'AWS::Cognito::UserPool',
  'AWS::DocDB::DBCluster',
  'AWS::DynamoDB::GlobalTable',
  'AWS::DynamoDB::Table',
  'AWS::EC2::Volume',
  'AWS::ECR::Repository',
  'AWS::EFS::FileSystem',
  'AWS::FSx::FileSystem',
  'AWS::KMS::Key',
  'AWS::Kinesis::Stream',
  'AWS::Logs::LogGroup',
  'AWS::Neptune::DBCluster',
  'AWS::OpenSearchService::Domain',
  'AWS::RDS::DBCluster',
  'AWS::RDS::DBInstance',
  'AWS::Redshift::Cluster',
  'AWS::S3::Bucket',
  'AWS::SecretsManager::Secret',
] as const;

/** What a deploy of a stack is told in its document. */
export const stackSettings = z.object({
  /** Of the stack. */
  stack: text(/^[A-Za-z][-A-Za-z0-9]{0,127}$/, 'not the name of a stack'),
  /** JSON or YAML, in the artifact. */
  template: path,
  /** What CloudFormation works as. Sent each time: a stack keeps the last it was given, for whoever comes next. */
  executionRole: text(/^arn:[a-z0-9-]+:iam::\d{12}:role\/\S{1,512}$/, 'not the ARN of a role'),
  parameters: z._default(z.record(parameterName, z.union([z.string(), z.number(), z.boolean()])), {}),
  /** A file of the artifact with more of them: only those of `allow`. */
  parametersFile: z.optional(z.strictObject({ path, allow: z.readonly(z.array(parameterName)) })),
  /** These stay as the stack has them. */
  keepParameters: z._default(z.readonly(z.array(parameterName)), []),
  capabilities: z._default(z.readonly(z.array(z.enum(['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM']))), []),
  /** All there are: a tag that is not named here is taken away. */
  tags: z._default(
    z.record(z.string().check(z.minLength(1), z.maxLength(TAG_KEY_CHARACTERS)), z.string()),
    {},
  ),
  /** Types that are neither removed nor replaced. */
  protect: z._default(z.readonly(z.array(z.string())), STATEFUL),
  /** Logical ids of such as may be all the same. */
  mayLose: z._default(z.readonly(z.array(logicalId)), []),
  /** Deletes a stack whose first creation failed, and makes it anew: CloudFormation cannot update it. */
  recreate: z._default(z.boolean(), false),
  /** Compares with what there is, and not with the last template: what was changed by hand is brought back. */
  revertDrift: z._default(z.boolean(), false),
});

export type StackSettings = z.infer<typeof stackSettings>;
