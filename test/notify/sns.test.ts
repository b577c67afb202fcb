import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publishToTopic } from '../../shared/aws/messages/sns-topic.ts';
import { systemClock } from '../../shared/clock.ts';
import { snsProvider, snsSettings } from '../../shared/notify/providers/sns.ts';
import { notificationFor } from './samples.ts';
import { type Script, scriptedProvider } from './scripted-provider.ts';

const TOPIC = 'arn:aws:sns:eu-central-1:123456789012:ops';

/** The Query protocol. @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const publishScript: Script = ({ headers, body }) => {
  const form = new URLSearchParams(body);
  const error = (code: string, status: number) => ({
    status,
    body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`,
  });
  if (
    !/^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/eu-central-1\/sns\/aws4_request/.test(
      headers.authorization ?? '',
    )
  )
    return error('IncompleteSignature', 403);
  if (form.get('Action') !== 'Publish' || form.get('Version') !== '2010-03-31')
    return error('InvalidAction', 400);
  if (!/^[\x21-\x7e][\x20-\x7e]{0,99}$/.test(form.get('Subject') ?? ''))
    return error('InvalidParameter', 400);
  const [, fault, status] = /-(\w+)-(\d+)$/.exec(form.get('TopicArn') ?? '') ?? [];
  if (fault !== undefined) return error(fault, Number(status));
  if (form.get('TopicArn')?.endsWith('.fifo') && !form.get('MessageGroupId'))
    return error('InvalidParameter', 400);
  return { status: 200, body: '<PublishResponse/>' };
};

/** @see https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html */
const FAULTS = [
  ['NotFound-404', 'NOTIFY_REFUSED'],
  ['AuthorizationError-403', 'NOTIFY_REFUSED'],
  ['Throttling-400', 'NOTIFY_UNAVAILABLE'],
  ['ThrottlingException-400', 'NOTIFY_UNAVAILABLE'],
  ['ExpiredToken-403', 'NOTIFY_UNAVAILABLE'],
  ['InternalFailure-500', 'NOTIFY_UNAVAILABLE'],
] as const;

test('a topic is published to, in each format; what refuses for good is told from what passes', async (t) => {
  const { url, heard } = await scriptedProvider(t, publishScript);
  const signal = new AbortController().signal;
  const publish = publishToTopic({
    credentials: async () => ({ accessKeyId: 'AKID', secretAccessKey: 'canary-secret' }),
    clock: systemClock,
    env: { AWS_ENDPOINT_URL_SNS: url },
    signal,
  });
  const send = (settings: object, title = 'web/app fällt aus') =>
    snsProvider.send(notificationFor({ title }), snsSettings.parse({ topic: TOPIC, ...settings }), {
      secret: async () => '',
      http: async () => ({ status: 500, headers: {}, body: '' }),
      publish,
      goesTo: () => undefined,
      signal,
    });
  await send({});
  await send({ topic: `${TOPIC}.fifo` });
  await send({ format: 'chat' }, 'x'.repeat(500));
  const chat = JSON.parse(new URLSearchParams(heard[2]?.body).get('Message') ?? '{}') as Record<
    string,
    unknown
  >;
  assert.deepEqual([chat['version'], chat['source']], ['1.0', 'custom']);
  for (const [fault, code] of FAULTS)
    await assert.rejects(send({ topic: `${TOPIC}-${fault}` }), { code }, fault);
});
