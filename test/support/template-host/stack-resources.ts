import type { CloudAssembly } from './cloud-assembly.ts';
import { parseRule, type StackRule } from './event-router.ts';
import { EventSourceMapping, mappingOptions } from './event-source-mapping.ts';
import { resolve, resolveMap, type Scope } from './intrinsics.ts';
import { type Json, mapAt, numberAt, textAt, textIn } from './json.ts';
import { LambdaFunction, lambdaOptions } from './lambda-function.ts';
import { queueOptions, StackQueue } from './stack-queue.ts';
import { type Resource, resourcesOf } from './template.ts';

/** What an asynchronous invocation does with an error. */
export interface InvokeConfig {
  readonly retries: number;
  /** ARN. */
  readonly onFailure: string | undefined;
}

/** What of a template runs. Keys are ARNs but where said. */
export interface StackResources {
  readonly queues: ReadonlyMap<string, StackQueue>;
  readonly functions: ReadonlyMap<string, LambdaFunction>;
  /** Of functions. */
  readonly invokeConfigs: ReadonlyMap<string, InvokeConfig>;
  readonly mappings: readonly EventSourceMapping[];
  readonly rules: readonly StackRule[];
  /** Functions by the logical id of their URL. */
  readonly urls: ReadonlyMap<string, LambdaFunction>;
}

export interface ResourceDeps {
  readonly scope: Scope;
  readonly now: () => number;
  /** Whether a role may take from a queue what is encrypted there; both are ARNs. */
  readonly mayReceive: (role: string, queue: string) => boolean;
  readonly mayDecrypt: (role: string, key: string) => boolean;
  /** The variables of a function that its template does not have, by the ARN of its role. */
  readonly surroundings: (role: string) => Readonly<Record<string, string>>;
}

/** Lambda's own where a template says nothing. */
const RETRIES = 2;

type Resolved = Pick<Resource, 'id'> & { readonly properties: Json; readonly arn: string };

const found = <T>(map: ReadonlyMap<string, T>, key: string): T => {
  const value = map.get(key);
  if (value === undefined) throw new Error(`${key} is not in this stack`);
  return value;
};

/** A function named by itself or by its ARN. */
const functionOf = (functions: ReadonlyMap<string, LambdaFunction>, name: string): LambdaFunction =>
  functions.get(name) ??
  found(new Map([...functions].map(([arn, each]) => [arn.slice(arn.lastIndexOf(':') + 1), each])), name);

function codeFolder({ assets }: CloudAssembly, { id, properties }: Resolved, scope: Scope): string {
  const code = mapAt(properties, 'Code') ?? {};
  const [bucket, key] = [textIn(code, 'S3Bucket'), textIn(code, 'S3Key')];
  const asset = assets.find(
    (each) => resolve({ 'Fn::Sub': each.bucket }, scope) === bucket && each.key === key && each.isFolder,
  );
  if (asset === undefined) throw new Error(`the code of ${id} is no asset: ${bucket}/${key}`);
  return asset.path;
}

function invokeConfigOf({ properties }: Resolved): InvokeConfig {
  const destinations = mapAt(properties, 'DestinationConfig') ?? {};
  return {
    retries: numberAt(properties, 'MaximumRetryAttempts') ?? RETRIES,
    onFailure: textAt(mapAt(destinations, 'OnFailure') ?? {}, 'Destination'),
  };
}

/** Makes what runs of a stack, wired as its template says. @throws Error where it names what is not in it */
export function stackResources(
  assembly: CloudAssembly,
  { scope, now, surroundings, mayReceive, mayDecrypt }: ResourceDeps,
): StackResources {
  const all = (type: string): readonly Resolved[] =>
    resourcesOf(assembly.template, type).map(({ id, properties }) => ({
      id,
      properties: resolveMap(properties, scope),
      arn: scope.attribute(id, 'Arn') ?? '',
    }));
  const queues = new Map<string, StackQueue>();
  for (const { id, arn, properties } of all('AWS::SQS::Queue')) {
    const name = scope.attribute(id, 'QueueName') ?? id;
    queues.set(
      arn,
      new StackQueue(queueOptions(properties, { name, arn, now }), (dead) => found(queues, dead)),
    );
  }
  const functions = new Map(
    all('AWS::Lambda::Function').map((each) => {
      const { id, arn, properties } = each;
      const key = textAt(properties, 'KmsKeyArn');
      if (key !== undefined && !mayDecrypt(textIn(properties, 'Role'), key))
        throw new Error(`${id}: KMSAccessDeniedException of its variables`);
      const given = { id, arn, folder: codeFolder(assembly, each, scope) };
      const options = lambdaOptions(properties, {
        ...given,
        surroundings: surroundings(textIn(properties, 'Role')),
      });
      return [arn, new LambdaFunction(options)] as const;
    }),
  );
  return {
    queues,
    functions,
    invokeConfigs: new Map(
      all('AWS::Lambda::EventInvokeConfig').map((each) => [
        functionOf(functions, textIn(each.properties, 'FunctionName')).options.arn,
        invokeConfigOf(each),
      ]),
    ),
    mappings: all('AWS::Lambda::EventSourceMapping').map(({ properties }) => {
      const queue = found(queues, textIn(properties, 'EventSourceArn'));
      const lambda = functionOf(functions, textIn(properties, 'FunctionName'));
      const isLet = (): boolean => mayReceive(lambda.options.role, queue.options.arn);
      return new EventSourceMapping(queue, lambda, { ...mappingOptions(properties), isLet });
    }),
    rules: all('AWS::Events::Rule').map(({ id, properties }) => parseRule(id, properties)),
    urls: new Map(
      all('AWS::Lambda::Url').map(({ id, properties }) => [
        id,
        functionOf(functions, textIn(properties, 'TargetFunctionArn')),
      ]),
    ),
  };
}

/** The retries of a function nobody configured. */
export const DEFAULT_INVOKE: InvokeConfig = { retries: RETRIES, onFailure: undefined };
