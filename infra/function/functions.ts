import { Duration } from 'aws-cdk-lib';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { THREADS } from '../../shared/limits.ts';
import { userAgentOf } from '../../shared/registry/http/user-agent.ts';
import type { EndpointKind } from '../endpoint/endpoint-kind.ts';
import { WebhookEndpoint } from '../endpoint/webhook-endpoint.ts';
import type { LandfallProps } from '../landfall-props.ts';
import type { NetworkProps } from '../network/network-props.ts';
import { policiesOfInstallation } from './installed-policies.ts';
import { LandfallFunction, type LandfallFunctionProps } from './landfall-function.ts';
import {
  collectPermissions,
  pollPermissions,
  receivePermissions,
  reconcilePermissions,
  type Surroundings,
} from './permissions.ts';
import { bindingsIn } from './secret-bindings.ts';
import type { SharedSettings } from './shared-settings.ts';

export const RECONCILE_TIMEOUT = Duration.minutes(5);
/** Answering a webhook takes milliseconds; its senders hang up after 3 to 10 seconds. */
const RECEIVE_TIMEOUT = Duration.seconds(10);
const RECEIVE_CONCURRENCY = 10;
/** It waits for registries; ten thousand sources fit. */
const POLL_MEMORY = 256;
/** One vCPU: inflating and hashing are what takes time. */
const RECONCILE_MEMORY = 1769;
const RECONCILE_CONCURRENCY = 10;
/** Triggers of different sources taken at once: the less, the less one slow source holds up. */
const RECONCILE_BATCH = 10;

export interface FunctionsProps
  extends Pick<
    LandfallProps,
    'reconcile' | 'pollMemory' | 'receiveConcurrency' | 'userAgent' | 'tries' | 'kinds' | 'policies'
  > {
  readonly settings: SharedSettings;
  readonly surroundings: Surroundings;
  /** Standard: where what failed three times goes. */
  readonly undelivered: Queue;
  readonly network: NetworkProps;
  readonly endpoint: EndpointKind;
}

/** The four functions: what each may do is in permissions.ts. */
export class Functions extends Construct {
  readonly receive: LandfallFunction;
  readonly poll: LandfallFunction;
  readonly reconcile: LandfallFunction;
  readonly collect: LandfallFunction;
  readonly url: string | undefined;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    const { surroundings, undelivered, reconcile: size = {} } = props;
    const { queue } = surroundings;
    const common = {
      environment: environmentOf(surroundings),
      network: props.network,
      ...props.settings,
    };
    const { externalId } = surroundings.reach;
    // What a function is told that asks registries.
    const asking = {
      ...common.environment,
      UV_THREADPOOL_SIZE: String(THREADS),
      ...userAgentIn(props),
      ...(externalId !== undefined && { LANDFALL_EXTERNAL_ID: externalId }),
      ...bindingsIn(surroundings.stack, surroundings.configuration, surroundings.reach),
      ...policiesOfInstallation(surroundings.stack, props),
    };
    const reserved = props.receiveConcurrency ?? RECEIVE_CONCURRENCY;
    this.receive = new LandfallFunction(this, 'Receive', {
      ...common,
      module: 'receive',
      description: 'authenticates webhooks and queues a look at their sources',
      timeout: RECEIVE_TIMEOUT,
      memorySize: 256,
      permissions: receivePermissions(surroundings),
      ...(reserved > 0 && props.endpoint !== 'none' && { reservedConcurrency: reserved }),
    });
    const receive = this.receive.lambda;
    this.url = new WebhookEndpoint(receive, 'Endpoint', { lambda: receive, kind: props.endpoint }).url;
    this.poll = new LandfallFunction(this, 'Poll', {
      ...common,
      module: 'poll',
      environment: asking,
      description: 'asks about every source that is due, and queues a look at what has changed',
      timeout: Duration.minutes(1),
      memorySize: props.pollMemory ?? POLL_MEMORY,
      permissions: pollPermissions(surroundings),
      onFailure: new SqsDestination(undelivered),
    });
    this.reconcile = new LandfallFunction(this, 'Reconcile', {
      ...common,
      environment: { ...asking, ...triesOf(props), ...kindsOf(props) },
      module: 'reconcile',
      description: 'brings sources to what their registry has',
      timeout: size.timeout ?? RECONCILE_TIMEOUT,
      memorySize: size.memorySize ?? RECONCILE_MEMORY,
      permissions: reconcilePermissions(surroundings),
      ...(size.ephemeralStorage !== undefined && { ephemeralStorage: size.ephemeralStorage }),
    });
    this.reconcile.lambda.addEventSource(
      new SqsEventSource(queue, {
        batchSize: RECONCILE_BATCH,
        maxConcurrency: size.concurrency ?? RECONCILE_CONCURRENCY,
        reportBatchItemFailures: true,
      }),
    );
    this.collect = new LandfallFunction(this, 'Collect', {
      ...common,
      module: 'collect',
      description: 'deletes artifacts that nothing names any more',
      timeout: Duration.minutes(15),
      memorySize: 512,
      permissions: collectPermissions(surroundings),
      onFailure: new SqsDestination(undelivered),
    });
  }

  get all(): readonly LandfallFunction[] {
    return [this.receive, this.poll, this.reconcile, this.collect];
  }
}

/** What is done with a last try is not what is done with the others. */
const triesOf = ({ tries }: FunctionsProps): Readonly<Record<string, string>> =>
  tries === undefined ? {} : { LANDFALL_TRIES: String(tries) };

const kindsOf = ({ kinds = [] }: FunctionsProps): Readonly<Record<string, string>> =>
  kinds.length === 0 ? {} : { LANDFALL_OWN_KINDS: kinds.map(({ kind }) => kind.kind).join(',') };

/** Refused at synth, where it could not stand in a header. */
function userAgentIn({ userAgent }: FunctionsProps): Readonly<Record<string, string>> {
  if (userAgent === undefined) return {};
  userAgentOf(userAgent);
  return { LANDFALL_USER_AGENT: userAgent };
}

/** What every function is told of its surroundings. */
export const environmentOf = ({
  bucket,
  bus,
  queue,
}: Pick<Surroundings, 'bucket' | 'bus' | 'queue'>): LandfallFunctionProps['environment'] => ({
  LANDFALL_BUCKET: bucket.bucketName,
  LANDFALL_BUS: bus.eventBusName,
  LANDFALL_QUEUE_URL: queue.queueUrl,
});
