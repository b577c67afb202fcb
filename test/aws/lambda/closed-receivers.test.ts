import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { receiversInForce } from '../../../functions/lambda/receive.ts';
import { refuseHead } from '../../../functions/receive.ts';
import { TRIGGERS_VERSION } from '../../../shared/aws/configuration/triggers-in-force.ts';
import { cloudSecrets, SECRET_FAILURE_MS } from '../../../shared/aws/credentials/secrets.ts';
import { sqsQueue } from '../../../shared/aws/messages/sqs-queue.ts';
import { WatchedFiles } from '../../../shared/credentials/watched-files.ts';
import type { ReceiverEntry } from '../../../shared/source/receiver-entry.ts';
import { receiverPath } from '../../../shared/trigger/receivers/open-receiver.ts';
import { awsClientFor, SleepingClock } from '../../support/aws-server/aws-client-for.ts';
import { awsServerFor } from '../../support/aws-server/aws-server.ts';
import { noKeys } from '../../trigger/receivers/samples.ts';

const SECRET = 'canary-webhook-secret';
const AWAY: ReceiverEntry<'distribution'> = {
  ...{ name: 'away', type: 'distribution', registry: 'registry.example' },
  secret: { ssm: '/away' },
};
const HERE: ReceiverEntry<'distribution'> = { ...AWAY, name: 'here', secret: { secretsManager: 'here' } };

async function open(t: TestContext) {
  const clock = new SleepingClock();
  const server = await awsServerFor(t, () => clock.now());
  server.parameters.set('/away', SECRET);
  server.secrets.set('here', SECRET);
  const client = awsClientFor(server.url, clock);
  const triggers = { formatVersion: TRIGGERS_VERSION, sources: [], receivers: [AWAY, HERE] } as const;
  const said: string[] = [];
  const inForce = receiversInForce({
    triggers: async () => ({ version: '1', triggers }),
    secrets: { env: {}, files: new WatchedFiles(clock), cloud: cloudSecrets({ client, clock }) },
    queue: sqsQueue({ queueUrl: `${server.url}/1/q.fifo`, client, clock }),
    metrics: { add: () => undefined, flush: () => undefined },
    log: (_level, message, fields) => said.push(`${message} ${JSON.stringify(fields)}`),
    ...{ clock, keys: noKeys },
  });
  /** undefined: its body is read. */
  const statusOf = async (path: string): Promise<number | undefined> =>
    refuseHead({ method: 'POST', path, headers: {} }, await inForce.read())?.status;
  return { server, clock, said, statusOf };
}

const fault = (status: number, code: string) =>
  ({ operation: 'GetParameter', times: Number.MAX_SAFE_INTEGER, kind: 'error', status, code }) as const;

test('while SSM is out, the sender whose secret it keeps is told to come again, and the other is let in', async (t) => {
  const { server, clock, said, statusOf } = await open(t);
  server.fault(fault(503, 'ServiceUnavailable'));
  assert.equal(await statusOf(receiverPath(AWAY, SECRET)), 503);
  assert.equal(await statusOf(receiverPath(HERE, SECRET)), undefined);
  assert.match(said.join('\n'), /receiver is closed.*"receiver":"away","code":"REGISTRY_UNAVAILABLE"/);
  server.clearFaults();
  clock.advance(SECRET_FAILURE_MS);
  assert.equal(await statusOf(receiverPath(AWAY, SECRET)), undefined);
  assert.equal(await statusOf('/receivers/0'), 404);
  assert.doesNotMatch(said.join('\n'), /canary/);
});

test('what passes by nobody alone is no reason to have strangers come again', async (t) => {
  const { server, statusOf } = await open(t);
  server.fault(fault(400, 'AccessDeniedException'));
  assert.equal(await statusOf(receiverPath(AWAY, SECRET)), 404);
  assert.equal(await statusOf(receiverPath(HERE, SECRET)), undefined);
});
