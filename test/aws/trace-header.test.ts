import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { delayedSender } from '../../shared/aws/messages/delayed-message.ts';
import { eventBridgeBus } from '../../shared/aws/messages/eventbridge-bus.ts';
import { sqsQueue } from '../../shared/aws/messages/sqs-queue.ts';
import { sampleEvent } from '../event/samples.ts';
import { ACCOUNT, awsClientFor, SleepingClock, sdkFor } from '../support/aws-server/aws-client-for.ts';
import { awsServerFor } from '../support/aws-server/aws-server.ts';

/** As Lambda sets it: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const HEADER = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:2c9a:0';

/** The entries of what was sent, in this order: a trigger, an event, and a look of a deploy. */
async function sentWith(t: TestContext, header: string | undefined) {
  const clock = new SleepingClock();
  const server = await awsServerFor(t, () => clock.now());
  const url = (name: string): string => `${server.url}/${ACCOUNT}/${name}`;
  const triggers = sqsQueue({
    ...{ queueUrl: url('landfall.fifo'), client: awsClientFor(server.url, clock, 500), clock },
  });
  const bus = eventBridgeBus({ bus: 'landfall', sdk: sdkFor(server.url, clock), clock });
  const sendLater = delayedSender(url('deploys.fifo'), sdkFor(server.url, clock));
  t.after(() => delete process.env['_X_AMZN_TRACE_ID']);
  // Lambda sets it anew for each invocation, of a process whose senders are there already.
  if (header !== undefined) process.env['_X_AMZN_TRACE_ID'] = header;
  await triggers.enqueue([{ namespace: 'web', name: 'site', trigger: 'webhook' }]);
  await bus.emit([sampleEvent(1)]);
  await sendLater('{}', 1000).catch(() => undefined);
  return server.calls.flatMap(
    ({ input }) => input['Entries'] as readonly Readonly<Record<string, unknown>>[],
  );
}

test('what an invocation sends belongs to its trace: triggers, events, looks of deploys', async (t) => {
  const [trigger, event, look] = await sentWith(t, HEADER);
  const attributes = { AWSTraceHeader: { DataType: 'String', StringValue: HEADER } };
  assert.deepEqual(trigger?.['MessageSystemAttributes'], attributes);
  assert.equal(event?.['TraceHeader'], HEADER);
  assert.deepEqual(look?.['MessageSystemAttributes'], attributes);
});

for (const [what, header] of [
  ['nobody traces', undefined],
  ['is empty', ''],
  ['has a line of its own', `${HEADER}\nx: y`],
  ['is longer than X-Ray has any', `Root=${'1'.repeat(500)}`],
] as const)
  test(`a trace that ${what} is passed on to nobody`, async (t) => {
    for (const entry of await sentWith(t, header)) {
      assert.ok(!('MessageSystemAttributes' in entry));
      assert.ok(entry['TraceHeader'] === undefined);
    }
  });
