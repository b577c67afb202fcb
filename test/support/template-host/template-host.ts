import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { S3Server } from '../../../aws-stand-ins/s3/s3-server.ts';
import type { AwsServer } from '../aws-server/aws-server.ts';
import { bucketEvent, tellsEventBridge } from './bucket-events.ts';
import type { CloudAssembly } from './cloud-assembly.ts';
import { requestCustomResource } from './custom-resources.ts';
import type { FunctionUrl } from './function-url.ts';
import type { AccessRequest } from './iam-policy.ts';
import { resolve, resolveMap, type Scope } from './intrinsics.ts';
import { type Json, textIn } from './json.ts';
import type { LambdaFunction } from './lambda-function.ts';
import { outputsOf } from './physical-names.ts';
import type { StackAccess } from './stack-access.ts';
import { type BusEvent, StackEvents } from './stack-events.ts';
import type { StackQueue } from './stack-queue.ts';
import type { StackResources } from './stack-resources.ts';
import { resourcesOf } from './template.ts';

export const ACCOUNT = '123456789012';
export const REGION = 'eu-central-1';

const MINUTE_MS = 60_000;
/** As long as SQS keeps a message by default. */
const LONGEST_MINUTES = 4 * 24 * 60;

export interface HostParts {
  readonly assembly: CloudAssembly;
  readonly scope: Scope;
  readonly s3: S3Server;
  readonly aws: AwsServer;
  readonly urls: readonly FunctionUrl[];
  readonly resources: StackResources;
  readonly time: { offsetMs: number };
  readonly access: StackAccess;
}

/** `RulesDaily` of `LandfallRulesDailyFA3B6741`: ids without the construct's name and their hash. */
const nameOf = (id: string): string => id.replace(/[0-9A-F]{8}$/, '').replace(/^Landfall/, '');

/** A stack that runs: its functions, queues, rules and URLs here, the services it calls as stand-ins over HTTP. */
export class TemplateHost {
  readonly s3: S3Server;
  readonly aws: AwsServer;
  readonly outputs: Readonly<Record<string, string>>;
  readonly #parts: HostParts;
  readonly #events: StackEvents;
  readonly #started = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  #ticks = 0;
  #routed = 0;

  constructor(parts: HostParts) {
    this.#parts = parts;
    this.s3 = parts.s3;
    this.aws = parts.aws;
    this.outputs = outputsOf(parts.assembly.template, parts.scope);
    const { access } = parts;
    this.#events = new StackEvents(parts.resources, {
      account: ACCOUNT,
      region: REGION,
      access,
      scope: parts.scope,
    });
    for (const { id, properties } of resourcesOf(parts.assembly.template, 'AWS::S3::Bucket')) {
      const name = parts.scope.ref(id) ?? '';
      if (!tellsEventBridge(properties)) continue;
      parts.s3.bucket(name).watchers.add((change) => this.#events.put(bucketEvent(name, change)));
    }
  }

  /** Events that were taken by any bus, oldest first. */
  get events(): readonly BusEvent[] {
    return this.#events.taken;
  }

  /** What IAM refused, oldest first. */
  get refused(): readonly AccessRequest[] {
    return this.#parts.access.refused;
  }

  queue(name: string): StackQueue {
    return this.#named(name, 'AWS::SQS::Queue', this.#parts.resources.queues);
  }

  lambda(name: string): LambdaFunction {
    return this.#named(`${name}Function`, 'AWS::Lambda::Function', this.#parts.resources.functions);
  }

  /** Puts an event of AWS's own on the default bus. */
  putEvent(event: Json): void {
    this.#events.put({ time: new Date().toISOString(), ...event });
  }

  /** Has a scheduled rule fire, at this time of its own; milliseconds since the epoch. */
  async fire(name: string, time: number): Promise<void> {
    const rule = this.#parts.resources.rules.find(({ id }) => nameOf(id) === name);
    if (rule === undefined) throw new Error(`no rule ${name}`);
    await this.#events.fire(rule, time);
  }

  /** Time as queues tell it goes on by so much. */
  advance(milliseconds: number): void {
    this.#parts.time.offsetMs += milliseconds;
  }

  /** Until no event waits to be routed and no message is visible to a function. */
  async settle(): Promise<void> {
    for (;;) {
      this.#takePutEvents();
      const isRouted = await this.#events.deliver();
      const drained = await Promise.all(this.#parts.resources.mappings.map((mapping) => mapping.drain()));
      if (!isRouted && !drained.includes(true)) return;
    }
  }

  /** Until no message is left that a function takes, however long it waits. `isScheduled`: the schedule goes on meanwhile. */
  async drain({ isScheduled = false }: { readonly isScheduled?: boolean } = {}): Promise<void> {
    const { mappings } = this.#parts.resources;
    for (let minute = 0; minute < LONGEST_MINUTES; minute += 1) {
      await this.settle();
      if (mappings.every(({ queue }) => queue.messages.length === 0)) return;
      if (isScheduled) await this.#minute();
      else this.advance(MINUTE_MS);
    }
    throw new Error('messages are left after days');
  }

  /** Minutes go by, in each of which the schedule fires. */
  async pass(minutes: number): Promise<void> {
    for (let minute = 0; minute < minutes; minute += 1) await this.#minute();
  }

  async #minute(): Promise<void> {
    this.advance(MINUTE_MS);
    this.#ticks += 1;
    await this.fire('RulesEveryMinute', this.#started + this.#ticks * MINUTE_MS);
    await this.settle();
  }

  /** Every process of every function ends, whatever it is doing. */
  async killFunctions(): Promise<void> {
    await Promise.all([...this.#parts.resources.functions.values()].map((lambda) => lambda.kill()));
  }

  /** What a deploy does: uploads assets and has custom resources made. */
  async deploy(request: 'Create' | 'Delete' = 'Create'): Promise<void> {
    const { assembly, scope, s3, resources } = this.#parts;
    for (const { path, bucket, key, isFolder } of assembly.assets) {
      if (isFolder || key.endsWith('.template.json')) continue;
      const bytes = await readFile(path);
      const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
      const place = s3.bucket(String(resolve({ 'Fn::Sub': bucket }, scope)));
      place.put(key, { bytes, etag, sha256: undefined, contentType: 'application/octet-stream' });
    }
    for (const { id, type, properties } of assembly.template.resources.values()) {
      if (!type.startsWith('Custom::')) continue;
      const resolved = resolveMap(properties, scope);
      const lambda = resources.functions.get(textIn(resolved, 'ServiceToken'));
      if (lambda === undefined) throw new Error(`${id} is served by no function of this stack`);
      const stackId = scope.ref('AWS::StackId') ?? '';
      await requestCustomResource(request, { id, type, properties: resolved }, { lambda, stackId });
    }
  }

  async close(): Promise<void> {
    const { urls, s3, aws, resources } = this.#parts;
    await Promise.all([...resources.functions.values()].map((lambda) => lambda.close()));
    await Promise.all([...urls, s3, aws].map((each) => each.close()));
  }

  #takePutEvents(): void {
    const put = this.aws.events.slice(this.#routed);
    this.#routed += put.length;
    for (const { bus, source, detailType, detail, resources, time } of put) {
      const event = { source, 'detail-type': detailType, detail, resources };
      this.#events.put({ ...event, time: new Date(time).toISOString() }, bus);
    }
  }

  #named<T>(name: string, type: string, byArn: ReadonlyMap<string, T>): T {
    const { assembly, scope } = this.#parts;
    const resource = resourcesOf(assembly.template, type).find(({ id }) => nameOf(id) === name);
    const value = resource && byArn.get(scope.attribute(resource.id, 'Arn') ?? '');
    if (value === undefined) throw new Error(`no ${type} ${name}`);
    return value;
  }
}
