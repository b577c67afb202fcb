import { createHash } from 'node:crypto';
import type { Scope } from './intrinsics.ts';
import { resolve } from './intrinsics.ts';
import { textAt } from './json.ts';
import type { Resource, Template } from './template.ts';

/** Where the stack is deployed to. */
export interface Deployment {
  readonly account: string;
  readonly region: string;
  readonly stackName: string;
  /** The origin queues are called at. */
  readonly queueOrigin: string;
  /** Of a Function URL's resource, with its slash. */
  readonly functionUrl: (id: string) => string;
}

type Names = (resource: Resource, name: string, deployment: Deployment) => Readonly<Record<string, string>>;

const arn = (service: string, { account, region }: Deployment, resource: string): string =>
  `arn:aws:${service}:${region}:${account}:${resource}`;

/** What CloudFormation calls a resource without a name: its stack, its id, and what makes it unlike any other. */
function generatedName({ id }: Resource, { stackName }: Deployment): string {
  const unlike = createHash('sha256').update(`${stackName} ${id}`).digest('hex').slice(0, 12).toUpperCase();
  return `${stackName}-${id.slice(0, 24)}-${unlike}`;
}

const NAME_PROPERTIES = ['Name', 'BucketName', 'QueueName', 'FunctionName', 'LogGroupName', 'RoleName'];

/** `Ref` is what `Ref` gives; the others are attributes. Types that nothing refers to have their name alone. */
const NAMES: Readonly<Record<string, Names>> = {
  'AWS::S3::Bucket': (_, name) => ({ Ref: name.toLowerCase(), Arn: `arn:aws:s3:::${name.toLowerCase()}` }),
  'AWS::KMS::Key': (_, name, deployment) => ({ Ref: name, Arn: arn('kms', deployment, `key/${name}`) }),
  'AWS::SQS::Queue': ({ properties }, base, deployment) => {
    const isFifo = properties['FifoQueue'] === true && !base.endsWith('.fifo');
    const name = isFifo ? `${base}.fifo` : base;
    const Ref = `${deployment.queueOrigin}/${deployment.account}/${name}`;
    return { Ref, QueueName: name, QueueUrl: Ref, Arn: arn('sqs', deployment, name) };
  },
  'AWS::Lambda::Function': (_, name, deployment) => ({
    Ref: name,
    Arn: arn('lambda', deployment, `function:${name}`),
  }),
  'AWS::Lambda::Url': ({ id }, name, deployment) => ({
    Ref: arn('lambda', deployment, `function:${name}`),
    FunctionUrl: deployment.functionUrl(id),
  }),
  'AWS::Events::EventBus': (_, name, deployment) => ({
    Ref: name,
    Name: name,
    Arn: arn('events', deployment, `event-bus/${name}`),
  }),
  'AWS::Events::Rule': (_, name, deployment) => ({
    Ref: name,
    Arn: arn('events', deployment, `rule/${name}`),
  }),
  'AWS::IAM::Role': (_, name, { account }) => ({ Ref: name, Arn: `arn:aws:iam::${account}:role/${name}` }),
  'AWS::Logs::LogGroup': (_, name, deployment) => ({
    Ref: name,
    Arn: arn('logs', deployment, `log-group:${name}:*`),
  }),
  'AWS::CloudWatch::Alarm': (_, name, deployment) => ({
    Ref: name,
    Arn: arn('cloudwatch', deployment, `alarm:${name}`),
  }),
  'AWS::EventSchemas::Registry': (_, name) => ({ Ref: name, RegistryName: name }),
};

const pseudo = ({ account, region, stackName }: Deployment): Readonly<Record<string, string>> => ({
  'AWS::AccountId': account,
  'AWS::Region': region,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': stackName,
  'AWS::StackId': `arn:aws:cloudformation:${region}:${account}:stack/${stackName}/template-host`,
});

/** What the resources of a template are called once deployed. */
export function physicalNames(template: Template, deployment: Deployment): Scope {
  const known = pseudo(deployment);
  const made = new Map<string, Readonly<Record<string, string>>>();
  function namesOf(id: string): Readonly<Record<string, string>> | undefined {
    const resource = template.resources.get(id);
    if (resource === undefined) return undefined;
    const earlier = made.get(id);
    if (earlier !== undefined) return earlier;
    const given = NAME_PROPERTIES.map((property) => textAt(resource.properties, property));
    const own = given.find((name) => name !== undefined);
    const name = own ?? generatedName(resource, deployment);
    const names = (NAMES[resource.type] ?? ((): { readonly Ref: string } => ({ Ref: name })))(
      resource,
      name,
      deployment,
    );
    made.set(id, names);
    return names;
  }
  return {
    ref: (name) => known[name] ?? template.parameters.get(name) ?? namesOf(name)?.['Ref'],
    attribute: (id, name) => (name === 'Ref' ? undefined : namesOf(id)?.[name]),
  };
}

/** Outputs by name. */
export const outputsOf = (template: Template, scope: Scope): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(template.outputs).map(([name, output]) => [
      name,
      String(resolve((output as { readonly Value?: unknown }).Value, scope)),
    ]),
  );
