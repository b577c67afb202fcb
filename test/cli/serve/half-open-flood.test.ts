import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { OCI_MANIFEST } from '../../../shared/oci/media-types.ts';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { atEnd } from '../../support/at-end.ts';
import {
  openServeMachine,
  SECRET,
  type ServeMachine,
  sourceLine,
} from '../../support/programs/serve-machine.ts';

const FLOOD = Number(process.env['LANDFALL_TEST_HALF_OPEN'] ?? 400);
const DELIVERIES = 80;
const [FLOODER, SENDER] = ['127.0.0.2', '127.0.0.3'];

/** Opens connections without end from one address, each of which says `text` and no more. */
function flood(t: TestContext, port: number, text: string) {
  const open = new Set<Socket>();
  const all = (async () => {
    for (let count = 0; count < FLOOD; count += 1) {
      const socket = connect({ port, host: '127.0.0.1', localAddress: FLOODER });
      socket.on('error', () => undefined).on('close', () => open.delete(socket));
      open.add(socket);
      socket.write(text);
      if (count % 8 === 7) await sleep(20);
    }
  })();
  const end = async (): Promise<void> => {
    await all;
    for (const socket of open) socket.destroy();
  };
  atEnd(t, end);
  return { all, end };
}

const body = JSON.stringify({
  events: [{ action: 'push', target: { repository: 'team/app', tag: 'stable', mediaType: OCI_MANIFEST } }],
});

/** The status of one good delivery, from another address; 0 where the connection was closed. */
async function deliver(port: number, path: string): Promise<number> {
  const sent = request({
    port,
    path,
    host: '127.0.0.1',
    localAddress: SENDER,
    method: 'POST',
    agent: false,
    headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' },
  });
  sent.end(body);
  try {
    const [response] = await once(sent, 'response');
    response.resume();
    return response.statusCode;
  } catch {
    return 0;
  }
}

async function served(t: TestContext): Promise<{ readonly machine: ServeMachine; readonly port: number }> {
  const machine = await openServeMachine(t);
  await machine.write({ sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')] });
  plantFiles(machine.registry, 'stable', { 'app.yaml': 'a: 1\n' });
  const serve = await machine.serve();
  await serve.logged('landed', { source: 'web/app' });
  return { machine, port: Number(new URL(serve.url).port) };
}

const head = (path: string): string =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${SECRET}\r\nContent-Length: 100000\r\n\r\n{`;

// Of 3,768 half-open connections 79 of 80 good deliveries failed; of 40 bodies held open all of them.
for (const [what, textOf] of [
  ['nothing', () => ''],
  ['half a head', () => 'POST /receivers/'],
  [
    'a head and the beginning of a body, at the right path',
    (machine: ServeMachine) => head(machine.receiverPath('hub')),
  ],
] as const)
  test(`${FLOOD} connections of one address that say ${what} keep no delivery of another out`, {
    skip: process.platform !== 'linux',
  }, async (t) => {
    const { machine, port } = await served(t);
    const flooding = flood(t, port, textOf(machine));
    const statuses: number[] = [];
    for (let count = 0; count < DELIVERIES; count += 1) {
      statuses.push(await deliver(port, machine.receiverPath('hub')));
      await sleep(5);
    }
    await flooding.end();
    assert.deepEqual(
      statuses,
      statuses.map(() => 202),
    );
    t.diagnostic(
      `seen: ${FLOOD} connections that say ${what}: ${DELIVERIES} of ${DELIVERIES} deliveries of another taken`,
    );
  });
