import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { assumedRole } from '../../shared/aws/credentials/assumed-role.ts';
import type { AwsCredentials, CredentialSource } from '../../shared/aws/request/credentials.ts';
import { AwsFailure } from '../../shared/aws/request/failure.ts';
import { openS3Store } from '../../shared/aws/s3/store/store.ts';
import { callSdk, sdkSettings } from '../../shared/aws/sdk/call.ts';
import { givenBy } from '../../shared/aws/sdk/identity.ts';
import { systemClock } from '../../shared/clock.ts';
import { awsServerFor } from '../support/aws-server/aws-server.ts';
import { CREDENTIALS, s3For } from './support/s3.ts';

const RENEWED: AwsCredentials = { ...CREDENTIALS, accessKeyId: 'AKIDRENEWED' };
const ROLE = 'arn:aws:iam::111122223333:role/pull';
/** Gives others to who was refused with the first. */
const renewing: CredentialSource = async (refused) =>
  refused?.accessKeyId === CREDENTIALS.accessKeyId ? RENEWED : CREDENTIALS;

test('S3 is asked again with other credentials than those it calls ended', async (t) => {
  const { server, root } = await s3For(t, { client: { credentials: renewing } });
  const store = await openS3Store(root);
  server.faults.add({
    operation: 'GetObject',
    when: 'before',
    trouble: { status: 400, code: 'ExpiredToken' },
  });
  const before = server.served.length;
  assert.equal(await store.objects.get('sources/held.json'), undefined);
  assert.deepEqual(
    server.served.slice(before).map(({ accessKeyId }) => accessKeyId),
    [CREDENTIALS.accessKeyId, 'AKIDRENEWED'],
  );
});

test('a call of the SDK is made again with other credentials than those that AWS calls ended', async () => {
  const access = { clock: systemClock, credentials: renewing };
  const { credentials } = sdkSettings(access);
  const used: (string | undefined)[] = [];
  const call = async (): Promise<string> => {
    used.push((await credentials?.())?.accessKeyId);
    if (used.length === 1) throw new AwsFailure({ code: 'ExpiredTokenException', status: 400 });
    return 'done';
  };
  assert.equal(await callSdk(access, call), 'done');
  assert.deepEqual(used, [CREDENTIALS.accessKeyId, 'AKIDRENEWED']);
});

test('a client of the SDK that is kept is given others once AWS has called the first ended', async (t) => {
  const server = await awsServerFor(t);
  server.roles.add(ROLE);
  const credentials: CredentialSource = (refused) => renewing(refused); // What AWS said of one is kept with it.
  const access = { clock: systemClock, region: 'eu-central-1', endpoint: server.url, credentials };
  const client = new STSClient(sdkSettings(access));
  const assume = () =>
    callSdk(access, (options) =>
      client.send(new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'landfall' }), options),
    );
  await assume();
  server.fault({ operation: 'AssumeRole', times: 1, kind: 'error', status: 403, code: 'ExpiredToken' });
  await assume();
  const keys = server.calls.map(({ accessKeyId }) => accessKeyId);
  assert.deepEqual(keys, [CREDENTIALS.accessKeyId, CREDENTIALS.accessKeyId, 'AKIDRENEWED']);
});

test('a role is assumed anew for who was refused with what it gave, and once for all of them', async (t) => {
  const server = await awsServerFor(t);
  const access = { clock: systemClock, region: 'eu-central-1', endpoint: server.url, credentials: renewing };
  server.roles.add(ROLE);
  const source = assumedRole(ROLE, access);
  const first = await source();
  await source();
  assert.equal(server.count('AssumeRole'), 1);
  await Promise.all([source(first), source(first)]);
  await source();
  assert.equal(server.count('AssumeRole'), 2);
});

test('what the SDK has found is looked for again where it was refused, and only then', async () => {
  const asked: (boolean | undefined)[] = [];
  let held: AwsCredentials = CREDENTIALS;
  const source = givenBy(async ({ forceRefresh }: { readonly forceRefresh?: boolean } = {}) => {
    asked.push(forceRefresh);
    if (forceRefresh === true) held = RENEWED;
    return held;
  });
  assert.deepEqual(await source(), CREDENTIALS);
  assert.deepEqual(await source(CREDENTIALS), RENEWED);
  assert.deepEqual(await source(CREDENTIALS), RENEWED);
  assert.deepEqual(asked, [undefined, undefined, true, undefined]);
});
