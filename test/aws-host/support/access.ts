import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { eventBridgeBus } from '../../../shared/aws/messages/eventbridge-bus.ts';
import { createAwsClient } from '../../../shared/aws/request/client.ts';
import { systemClock } from '../../../shared/clock.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import { sampleEvent } from '../../event/samples.ts';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import type { CloudAssembly } from '../../support/template-host/cloud-assembly.ts';
import { REGION } from '../../support/template-host/template-host.ts';
import { openStory, type Story, type Synthesized } from './story.ts';

/** Somebody of the account who may do everything that resources let them. */
const ADMINISTRATOR = { accessKeyId: 'AKIAADMINISTRATOR', secretAccessKey: 'secret' };

async function put({ host }: Story, Key: string): Promise<string> {
  const client = new S3Client({
    ...{ endpoint: host.s3.url, region: REGION, credentials: ADMINISTRATOR, forcePathStyle: true },
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
  const Bucket = (host.outputs['Store'] ?? '').replace('s3://', '');
  try {
    await client.send(new PutObjectCommand({ Bucket, Key, Body: 'mine' }));
    return 'done';
  } catch (error) {
    return (error as Error).name;
  } finally {
    client.destroy();
  }
}

const without = (assembly: CloudAssembly, action: string): CloudAssembly => {
  const text = (value: unknown): string => JSON.stringify(value);
  const resources = [...assembly.template.resources].map(([id, resource]) => {
    const isPolicy = resource.type === 'AWS::IAM::Policy';
    const properties = isPolicy
      ? (JSON.parse(text(resource.properties).replaceAll(`"${action}"`, '"none:None"')) as Record<
          string,
          unknown
        >)
      : resource.properties;
    return [id, { ...resource, properties }] as const;
  });
  return { ...assembly, template: { ...assembly.template, resources: new Map(resources) } };
};

/** Policies of the template hold against everybody, and functions need theirs. */
export function access(stack: () => Synthesized): void {
  test('an operator writes documents, and replaces no artifact either', async (t) => {
    const story = await openStory(t, stack());
    assert.equal(await put(story, 'config/documents/mine.yaml'), 'done');
    assert.equal(await put(story, 'artifacts/sha256/00/default/files/mine'), 'AccessDenied');
  });

  test('nobody but the emitter puts our events on the bus', async (t) => {
    const { host } = await openStory(t, stack());
    const client = createAwsClient({
      ...{ region: REGION, clock: systemClock, env: { AWS_ENDPOINT_URL: host.aws.url } },
      credentials: async () => ADMINISTRATOR,
    });
    const bus = eventBridgeBus({
      bus: (host.outputs['BusArn'] ?? '').split('/').at(-1) ?? '',
      ...{ client, clock: systemClock },
    });
    const event = { ...sampleEvent(1), id: 'forged' };
    await assert.rejects(bus.emit([event]), { code: 'EMIT_FAILED' satisfies ErrorCode });
    assert.equal(host.aws.events.length, 0);
  });

  for (const action of ['s3:PutObject', 'events:PutEvents', 'sqs:SendMessage', 's3:GetObject']) {
    test(`the stack does not do its job without ${action}`, async (t) => {
      const { assembly, ...rest } = stack();
      const opened = openStory(t, { ...rest, assembly: without(assembly, action) });
      const story = await opened.catch((error: unknown) => {
        // A deploy that cannot put its documents says so: that is the end of it too.
        assert.match(String(error), /denied|AccessDenied/i);
        return undefined;
      });
      if (story === undefined) return;
      plantFiles(story.registry, 'latest', { 'index.html': 'one' });
      await story.host.settle();
      assert.equal(story.details('Artifact Revision Changed').length, 0);
      assert.ok(story.host.refused.some((request) => request.action === action));
    });
  }
}
