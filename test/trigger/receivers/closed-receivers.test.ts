import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { WatchedFiles } from '../../../shared/credentials/watched-files.ts';
import { LandfallError } from '../../../shared/errors.ts';
import { parseDocuments } from '../../../shared/source/document.ts';
import { receiverPath } from '../../../shared/trigger/receivers/open-receiver.ts';
import { atEnd } from '../../support/at-end.ts';
import { movedClock } from '../../support/moved-clock.ts';
import { until } from '../../support/until.ts';
import { LISTEN, servedFor } from '../served.ts';

const SECRET = 'canary-webhook-secret';
const pathOf = (name: string): string => receiverPath({ type: 'distribution', name }, SECRET);

const textOf = (...secrets: readonly string[]): string =>
  `receivers:${secrets.length === 0 ? ' []' : ''}\n${secrets
    .map(
      (secret, at) =>
        `  - { name: hub${at}, type: distribution, registry: registry.example, secret: ${secret} }\n`,
    )
    .join('')}`;

const configurationOf = (...secrets: readonly string[]) =>
  parseDocuments([{ file: 'x.yaml', text: textOf(...secrets) }]);

/** One machine whose secrets are in a cloud that answers, or fails as it is told to. */
async function openScene(t: TestContext, ...receivers: readonly string[]) {
  const said: string[] = [];
  const cloud: { fails: LandfallError | undefined } = {
    fails: new LandfallError('REGISTRY_UNAVAILABLE', 'the secret cannot be read'),
  };
  const read = (): Promise<string> => (cloud.fails ? Promise.reject(cloud.fails) : Promise.resolve(SECRET));
  const secrets = { env: {}, files: new WatchedFiles(movedClock()), cloud: { read } };
  const { clock, begun } = await servedFor(t, textOf(...receivers), {
    listen: LISTEN,
    secrets,
    log: (_level, message, fields) => said.push(`${message} ${JSON.stringify(fields)}`),
  });
  return { begun, clock, said, cloud };
}

const CLOUD = '{ ssm: /hub }';
const HERE = `{ value: ${SECRET} }`;

async function openServing(t: TestContext, ...receivers: readonly string[]) {
  const { begun, ...scene } = await openScene(t, ...receivers);
  const serving = await begun;
  atEnd(t, () => serving.close());
  const post = async (path: string): Promise<number> => {
    const headers = { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' };
    const answer = await fetch(`${serving.url}${path}`, { method: 'POST', headers, body: '{"events":[]}' });
    await answer.text();
    assert.equal(answer.headers.has('retry-after'), answer.status === 503);
    return answer.status;
  };
  return { ...scene, serving, post };
}

test('a receiver whose secret cannot be read for now opens by itself, and its sender comes again', async (t) => {
  const { clock, said, cloud, post } = await openServing(t, CLOUD, HERE);
  assert.match(said.join('\n'), /receiver is closed.*"receiver":"hub0".*the secret cannot be read/);
  assert.deepEqual([await post(pathOf('hub0')), await post(pathOf('hub1'))], [503, 202]);
  cloud.fails = undefined;
  await until('it to be open', () => {
    clock.move(5_000);
    return said.find((line) => line === 'receiver is open {"receiver":"hub0"}');
  });
  assert.deepEqual([await post(pathOf('hub0')), await post('/receivers/0')], [202, 404]);
  assert.doesNotMatch(said.join('\n'), /canary/);
});

test('one that is closed for good meanwhile is told, and nobody is told to come again for it', async (t) => {
  const { clock, said, cloud, post } = await openServing(t, CLOUD, HERE);
  cloud.fails = new LandfallError('CREDENTIAL_UNREADABLE', 'the secret is gone');
  await until('the log to tell', () => {
    clock.move(5_000);
    return said.find((line) => /"hub0".*the secret is gone/.test(line));
  });
  assert.deepEqual([await post(pathOf('hub0')), await post(pathOf('hub1'))], [404, 202]);
});

test('a receiver whose secret is missing is closed alone, at the start and later, and told once', async (t) => {
  const { said, serving, post } = await openServing(t, HERE, '{ env: HUB }');
  const told = () =>
    said.filter((line) => /receiver is closed .*"hub1".*variable HUB is not there/.test(line));
  assert.deepEqual([await post(pathOf('hub0')), await post(pathOf('hub1')), told().length], [202, 404, 1]);
  await serving.replace(configurationOf(HERE, '{ env: HUB }', HERE));
  assert.deepEqual([await post(pathOf('hub2')), await post(pathOf('hub1')), told().length], [202, 404, 1]);
});

test('one whose secret somebody puts there later opens by itself', async (t) => {
  const { clock, said, cloud, post } = await openServing(t, CLOUD);
  cloud.fails = new LandfallError('CREDENTIAL_UNREADABLE', 'the secret is gone');
  await until('the log to tell', () => {
    clock.move(5_000);
    return said.find((line) => /"hub0".*the secret is gone/.test(line));
  });
  assert.equal(await post(pathOf('hub0')), 404);
  cloud.fails = undefined;
  await until('it to be open', () => {
    clock.move(5_000);
    return said.find((line) => line === 'receiver is open {"receiver":"hub0"}');
  });
  assert.equal(await post(pathOf('hub0')), 202);
});

test('one that was open stays so where its changed secret is missing, and its neighbours are taken', async (t) => {
  const { serving, post } = await openServing(t, HERE);
  await serving.replace(configurationOf('{ env: HUB }', HERE));
  assert.deepEqual([await post(pathOf('hub0')), await post(pathOf('hub1'))], [202, 202]);
  await serving.replace(configurationOf());
  assert.equal(await post(pathOf('hub0')), 404, 'one that is taken out is gone');
});

test('one that is open stays so while its secret cannot be read again, beside one that is new', async (t) => {
  const { clock, said, cloud, serving, post } = await openServing(t, CLOUD);
  cloud.fails = undefined;
  await until('it to be open', () => {
    clock.move(5_000);
    return said.find((line) => line === 'receiver is open {"receiver":"hub0"}');
  });
  cloud.fails = new LandfallError('REGISTRY_UNAVAILABLE', 'the secret cannot be read');
  await serving.replace(configurationOf(CLOUD, CLOUD));
  assert.deepEqual([await post(pathOf('hub0')), await post(pathOf('hub1'))], [202, 503]);
  await serving.replace(configurationOf(HERE, '{ ssm: /other }'));
  assert.deepEqual([await post(pathOf('hub0')), await post(pathOf('hub1'))], [202, 503]);
});
