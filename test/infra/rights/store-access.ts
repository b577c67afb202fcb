import type { TestContext } from 'node:test';
import type { Stack } from 'aws-cdk-lib';
import { type S3Server, startS3Server } from '../../../aws-stand-ins/s3/s3-server.ts';
import { accessKeyIdOf } from '../../../aws-stand-ins/s3/signature.ts';
import { s3ObjectStore } from '../../../shared/aws/s3/object-store.ts';
import type { ObjectStore } from '../../../shared/store/object-store.ts';
import { rootAt } from '../../aws/support/s3.ts';
import { encryptedBuckets, keyRequests } from '../../support/template-host/encrypted-buckets.ts';
import { physicalNames } from '../../support/template-host/physical-names.ts';
import { s3Requests, stackAccess } from '../../support/template-host/stack-access.ts';
import { accessKeyOf } from '../../support/template-host/start-host.ts';
import { parseTemplate, resourcesOf } from '../../support/template-host/template.ts';
import { ACCOUNT, REGION } from '../../support/template-host/template-host.ts';
import { synthOf } from '../stack/template.ts';

export interface StoreAccess {
  readonly server: S3Server;
  readonly bucket: string;
  /** The store as a role of the stack sees it, by its logical id without the hash; or by its ARN, with all rights of its own. */
  as(role: string): ObjectStore;
}

/** The store of a stack behind the policies that the stack makes, its key's among them, and nothing of it running. */
export async function storeAccessFor(t: TestContext, stack: Stack): Promise<StoreAccess> {
  const { template: made } = synthOf(stack.node.root as Parameters<typeof synthOf>[0]).getStackByName(
    stack.stackName,
  );
  const template = parseTemplate(JSON.stringify(made));
  const place = { account: ACCOUNT, region: REGION, stackName: stack.stackName };
  const scope = physicalNames(template, {
    ...place,
    queueOrigin: 'http://queues.invalid',
    functionUrl: () => 'http://url.invalid/',
  });
  const access = stackAccess(template, scope);
  const keys = encryptedBuckets(template, scope);
  const principals = new Map<string, string>();
  const roles = resourcesOf(template, 'AWS::IAM::Role').map(({ id }) => ({
    name: id.replace(/[0-9A-F]{8}$/, '').replace(/^Landfall/, ''),
    arn: scope.attribute(id, 'Arn') ?? '',
  }));
  const store = resourcesOf(template, 'AWS::S3::Bucket').find(({ id }) => id.startsWith('LandfallStore'));
  const bucket = scope.ref(store?.id ?? '') ?? '';
  const server = await startS3Server({
    buckets: [bucket],
    policy: {
      allows: (operation, request) => {
        const principal = principals.get(accessKeyIdOf(request.headers)) ?? '';
        return [
          ...s3Requests(operation, request, principal),
          ...keyRequests(operation, request, principal, keys),
        ].every((each) => access.allows(each));
      },
    },
  });
  t.after(() => server.close());
  return {
    server,
    bucket,
    as: (role) => {
      const principal = roles.find(({ name }) => name === role)?.arn ?? role;
      const accessKeyId = accessKeyOf(principal);
      principals.set(accessKeyId, principal);
      const client = { credentials: async () => ({ accessKeyId, secretAccessKey: 'canary-secret-key' }) };
      return s3ObjectStore(rootAt(server, { bucket, client }));
    },
  };
}
