import type { TestContext } from 'node:test';
import { eventBridgeBus } from '../../shared/aws/messages/eventbridge-bus.ts';
import { type ReceivedMessages, receivedMessages } from '../../shared/aws/messages/received-messages.ts';
import { type SqsQueue, sqsQueue } from '../../shared/aws/messages/sqs-queue.ts';
import { systemClock as clock } from '../../shared/clock.ts';
import { BUS_CALLS, QUEUE_CALLS } from '../conformance/bus-calls.ts';
import { type Calls, type EndedCalls, endedCallsSuite } from '../conformance/ended-calls.ts';
import { ACCOUNT, awsClientFor, sdkFor } from '../support/aws-server/aws-client-for.ts';
import { awsServerFor } from '../support/aws-server/aws-server.ts';

const SOURCE = { namespace: 'web', name: 'site' };

const SQS_CALLS: Calls<SqsQueue> = {
  ...QUEUE_CALLS,
  sweep: (queue, options) => queue.sweep([SOURCE], 'tick', options),
  documents: (queue, options) => queue.documents(options),
};

const RECEIVED_CALLS: Calls<ReceivedMessages> = {
  returnAfter: (messages, options) => messages.returnAfter('receipt', 1_000, options),
  remove: (messages, options) => messages.remove('receipt', options),
};

/** A port on a service that answers none of these calls. */
const silent =
  <Port>(portOf: (url: string) => Port): EndedCalls<Port>['open'] =>
  async (t: TestContext) => {
    const server = await awsServerFor(t, clock.now);
    for (const operation of ['PutEvents', 'SendMessageBatch', 'ChangeMessageVisibility', 'DeleteMessage'])
      server.fault({ operation, times: 1_000, kind: 'stall' });
    return { port: portOf(server.url) };
  };

const queueUrlAt = (url: string): string => `${url}/${ACCOUNT}/landfall.fifo`;

endedCallsSuite('EventBridge that does not answer', {
  open: silent((url) => eventBridgeBus({ bus: 'landfall', sdk: sdkFor(url, clock), clock })),
  calls: BUS_CALLS,
  waiting: Object.keys(BUS_CALLS),
});

endedCallsSuite('SQS that does not answer', {
  open: silent((url) => sqsQueue({ queueUrl: queueUrlAt(url), client: awsClientFor(url, clock), clock })),
  calls: SQS_CALLS,
  waiting: Object.keys(SQS_CALLS),
});

endedCallsSuite('messages of an SQS that does not answer', {
  open: silent((url) => receivedMessages(queueUrlAt(url), sdkFor(url, clock))),
  calls: RECEIVED_CALLS,
  waiting: Object.keys(RECEIVED_CALLS),
});
