import { createHash } from 'node:crypto';
import { startS3Server } from '../../../aws-stand-ins/s3/s3-server.ts';
import { accessKeyIdOf } from '../../../aws-stand-ins/s3/signature.ts';
import type { Lifetime } from '../at-end.ts';
import { startAwsServer } from '../aws-server/aws-server.ts';
import type { FifoQueue } from '../aws-server/fifo-queue.ts';
import type { CloudAssembly } from './cloud-assembly.ts';
import { encryptedBuckets, keyRequests } from './encrypted-buckets.ts';
import { type FunctionUrl, listenForUrl } from './function-url.ts';
import type { AccessRequest } from './iam-policy.ts';
import { resolve, type Scope } from './intrinsics.ts';
import type { Json } from './json.ts';
import type { Invoked, LambdaFunction } from './lambda-function.ts';
import { physicalNames } from './physical-names.ts';
import {
  ADMINISTRATOR_ROLE,
  awsRequests,
  type StackAccess,
  s3Requests,
  stackAccess,
} from './stack-access.ts';
import { stackResources } from './stack-resources.ts';
import { resourcesOf, type Template } from './template.ts';
import { ACCOUNT, REGION, TemplateHost } from './template-host.ts';

/** The variables Lambda adds, and where this host's services are. */
const surroundingsOf = (s3: string, aws: string, accessKeyId: string): Readonly<Record<string, string>> => ({
  AWS_REGION: REGION,
  AWS_DEFAULT_REGION: REGION,
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: 'canary-secret-access-key',
  AWS_SESSION_TOKEN: 'canary-session-token',
  AWS_ENDPOINT_URL: aws,
  AWS_ENDPOINT_URL_S3: s3,
  TZ: ':UTC',
});

/** IAM in front of the stand-ins: they are there before the stack has names, and closed until it has. */
interface Gate {
  /** Whether the caller with this key may do all of it. */
  lets(accessKeyId: string, requests: (principal: string) => readonly AccessRequest[]): boolean;
  open(template: Template, scope: Scope): StackAccess;
}

function createGate(): Gate {
  const roles = new Map<string, string>();
  let access: StackAccess | undefined;
  return {
    lets: (accessKeyId, requests) =>
      requests(roles.get(accessKeyId) ?? ADMINISTRATOR_ROLE).every(
        (request) => access?.allows(request) ?? false,
      ),
    open: (template, scope) => {
      for (const { id } of resourcesOf(template, 'AWS::IAM::Role')) {
        const role = scope.attribute(id, 'Arn') ?? '';
        roles.set(accessKeyOf(role), role);
      }
      access = stackAccess(template, scope);
      return access;
    },
  };
}

/** Listens for every URL of the stack; `find` knows its function once it is deployed. */
async function listenForUrls(
  template: Template,
  find: (id: string) => LambdaFunction | undefined,
): Promise<ReadonlyMap<string, FunctionUrl>> {
  const urls = new Map<string, FunctionUrl>();
  for (const { id } of resourcesOf(template, 'AWS::Lambda::Url')) {
    const invoke = async (event: Json): Promise<Invoked> =>
      (await find(id)?.invoke(event)) ?? { ok: false, error: 'not deployed' };
    urls.set(id, await listenForUrl(invoke));
  }
  return urls;
}

/** Every bucket of the stack, and those its assets go to. */
const bucketsOf = ({ template, assets }: CloudAssembly, scope: Scope): readonly string[] => [
  ...new Set([
    ...resourcesOf(template, 'AWS::S3::Bucket').map(({ id }) => scope.ref(id) ?? ''),
    ...assets.map(({ bucket }) => String(resolve({ 'Fn::Sub': bucket }, scope))),
  ]),
];

/**
 * Runs a stack for as long as a test takes. `variables` are more of what every function has, such as a proxy's;
 * `latencyMs` is what each request to a service takes at least.
 */
export async function hostFor(
  t: Lifetime,
  assembly: CloudAssembly,
  variables: Readonly<Record<string, string>> = {},
  latencyMs = 0,
): Promise<TemplateHost> {
  const { template, stackName } = assembly;
  const time = { offsetMs: 0 };
  const now = (): number => Date.now() + time.offsetMs;
  const queues = new Map<string, FifoQueue>();
  const gate = createGate();
  const place = { account: ACCOUNT, region: REGION };
  const aws = await startAwsServer({
    ...{ now, queues, latencyMs },
    allows: (call) => gate.lets(call.accessKeyId, (principal) => awsRequests(call, { principal, ...place })),
  });
  let ofUrls: ReadonlyMap<string, LambdaFunction> = new Map();
  const urls = await listenForUrls(template, (id) => ofUrls.get(id));
  const functionUrl = (id: string): string => urls.get(id)?.url ?? '';
  const scope = physicalNames(template, { ...place, stackName, queueOrigin: aws.url, functionUrl });
  const access = gate.open(template, scope);
  const keys = encryptedBuckets(template, scope);
  const s3 = await startS3Server({
    now,
    latency: () => latencyMs,
    buckets: bucketsOf(assembly, scope),
    policy: {
      allows: (operation, request) =>
        gate.lets(accessKeyIdOf(request.headers), (principal) => [
          ...s3Requests(operation, request, principal),
          ...keyRequests(operation, request, principal, keys),
        ]),
    },
  });
  const resources = stackResources(assembly, {
    ...{ scope, now },
    surroundings: (role) => ({ ...surroundingsOf(s3.url, aws.url, accessKeyOf(role)), ...variables }),
  });
  for (const queue of resources.queues.values()) queues.set(queue.options.name, queue);
  ofUrls = resources.urls;
  const host = new TemplateHost({
    ...{ assembly, scope, s3, aws, resources, time, access },
    urls: [...urls.values()],
  });
  t.after(() => host.close());
  return host;
}

/** Each role has a key of its own, so that a call says whose it is. */
export const accessKeyOf = (role: string): string =>
  `ASIA${createHash('sha256').update(role).digest('hex').slice(0, 16).toUpperCase()}`;
