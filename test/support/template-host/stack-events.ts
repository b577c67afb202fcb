import { randomUUID } from 'node:crypto';
import { DEFAULT_BUS, envelopeOf, rulesFor, type StackRule } from './event-router.ts';
import type { Scope } from './intrinsics.ts';
import type { Json } from './json.ts';
import { queueKeyRequests } from './key-access.ts';
import type { LambdaFunction } from './lambda-function.ts';
import type { StackAccess } from './stack-access.ts';
import type { StackQueue } from './stack-queue.ts';
import { DEFAULT_INVOKE, type StackResources } from './stack-resources.ts';

export interface BusEvent {
  /** Name. */
  readonly bus: string;
  readonly event: Json;
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
const failureRecord = (functionArn: string, event: Json, error: string): Json => ({
  version: '1.0',
  timestamp: new Date().toISOString(),
  requestContext: { requestId: randomUUID(), functionArn, condition: 'RetriesExhausted' },
  requestPayload: event,
  responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
  responsePayload: { errorMessage: error },
});

interface Place {
  readonly account: string;
  readonly region: string;
  readonly scope: Scope;
  readonly access: StackAccess;
  /** Of queues, by ARN: the keys they are encrypted with. */
  readonly queueKeys: ReadonlyMap<string, string>;
}

const EVENTBRIDGE = 'events.amazonaws.com';

/** EventBridge: takes events, matches the rules of their bus, and sends them to the rules' targets. */
export class StackEvents {
  /** All that were taken, in order. */
  readonly taken: BusEvent[] = [];
  readonly #waiting: BusEvent[] = [];
  readonly #resources: StackResources;
  readonly #place: Place;

  constructor(resources: StackResources, place: Place) {
    this.#resources = resources;
    this.#place = place;
  }

  put(event: Json, bus = DEFAULT_BUS): void {
    const taken = { bus, event: envelopeOf(event, this.#place) };
    this.taken.push(taken);
    this.#waiting.push(taken);
  }

  /** Delivers what is waiting; whether there was anything. */
  async deliver(): Promise<boolean> {
    const batch = this.#waiting.splice(0);
    for (const each of batch) {
      for (const rule of rulesFor(this.#resources.rules, each)) await this.#send(rule, each.event);
    }
    return batch.length > 0;
  }

  /** Has a rule with a schedule do what it does at this time, milliseconds since the epoch. */
  async fire(rule: StackRule, time: number): Promise<void> {
    if (rule.schedule === undefined) throw new Error(`${rule.id} has no schedule`);
    const event = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };
    await this.#send(rule, envelopeOf({ ...event, time: new Date(time).toISOString() }, this.#place));
  }

  /** A target whose policy does not let the rule in gets nothing; its dead letters do, where theirs does. */
  async #send({ id, targets }: StackRule, event: Json): Promise<void> {
    const source = this.#place.scope.attribute(id, 'Arn') ?? '';
    const { access, account, queueKeys } = this.#place;
    const toKey = { principal: EVENTBRIDGE, context: { 'aws:sourceaccount': account } };
    const isLetIn = (action: string, resource: string): boolean =>
      [
        { ...{ principal: EVENTBRIDGE, action, resource }, context: { 'aws:sourcearn': source } },
        ...queueKeyRequests('SendMessage', resource, toKey, queueKeys),
      ].every((each) => access.allows(each));
    for (const target of targets) {
      const isFunction = this.#resources.functions.has(target.arn);
      if (!isLetIn(isFunction ? 'lambda:InvokeFunction' : 'sqs:SendMessage', target.arn)) {
        const { deadLetters } = target;
        if (deadLetters === undefined || !isLetIn('sqs:SendMessage', deadLetters)) continue;
        this.#queueOf(deadLetters).sendBody(JSON.stringify(event));
        continue;
      }
      const lambda = this.#resources.functions.get(target.arn);
      if (lambda === undefined)
        this.#queueOf(target.arn).sendBody(JSON.stringify(event), target.messageGroupId);
      else await this.#invoke(lambda, event);
    }
  }

  async #invoke(lambda: LambdaFunction, event: Json): Promise<void> {
    const { arn } = lambda.options;
    const { retries, onFailure } = this.#resources.invokeConfigs.get(arn) ?? DEFAULT_INVOKE;
    const invoked = await lambda.invokeEvent(event, { retries });
    if (invoked.ok || onFailure === undefined) return;
    const request = {
      principal: lambda.options.role,
      action: 'sqs:SendMessage',
      resource: onFailure,
      context: {},
    };
    if (!this.#place.access.allows(request)) return;
    this.#queueOf(onFailure).sendBody(JSON.stringify(failureRecord(arn, event, invoked.error)));
  }

  #queueOf(arn: string): StackQueue {
    const queue = this.#resources.queues.get(arn);
    if (queue === undefined) throw new Error(`${arn} is no queue or function of this stack`);
    return queue;
  }
}
