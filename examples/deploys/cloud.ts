import {
  type CloudFormationServer,
  startCloudFormation,
} from '../../aws-stand-ins/cloudformation/cloudformation-server.ts';
import { type EcsServer, startEcsServer } from '../../aws-stand-ins/ecs/ecs-server.ts';
import type { FakeService } from '../../aws-stand-ins/ecs/ecs-state.ts';
import { type LambdaServer, startLambdaServer } from '../../aws-stand-ins/lambda/lambda-server.ts';
import { makeFunction, publishVersion, zipCode } from '../../aws-stand-ins/lambda/lambda-state.ts';
import { type S3Server, startS3Server } from '../../aws-stand-ins/s3/s3-server.ts';

/** Servers on loopback that speak the protocols of CloudFormation, Lambda, ECS and S3, with a function, a service and a bucket in them. */
export interface Cloud {
  readonly cloudFormation: CloudFormationServer;
  readonly lambda: LambdaServer;
  readonly ecs: EcsServer;
  readonly s3: S3Server;
  readonly service: FakeService;
}

const BUCKET = 'shop-pages';
/** ECS goes on by itself. */
const ECS_STEP_MS = 400;

/** What the SDK looks for: whatever it calls is on this machine, whoever runs the demo. */
function pointSdkAt({ cloudFormation, lambda, ecs, s3 }: Omit<Cloud, 'service'>): void {
  delete process.env['AWS_PROFILE'];
  delete process.env['AWS_SESSION_TOKEN'];
  Object.assign(process.env, {
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'demo',
    AWS_SECRET_ACCESS_KEY: 'demo',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_ENDPOINT_URL: lambda.url,
    AWS_ENDPOINT_URL_CLOUDFORMATION: cloudFormation.url,
    AWS_ENDPOINT_URL_ECS: ecs.url,
    AWS_ENDPOINT_URL_S3: s3.url,
  });
}

const DEFINITION = {
  family: 'web',
  containerDefinitions: [{ name: 'web', image: 'registry.example.org/demo/shop:0.9.0', essential: true }],
};

/** They end with the stack. */
export async function startCloud(stack: AsyncDisposableStack): Promise<Cloud> {
  const [cloudFormation, lambda, ecs, s3] = await Promise.all([
    startCloudFormation(Date.now),
    startLambdaServer(Date.now),
    startEcsServer(),
    startS3Server({ buckets: [BUCKET] }),
  ]);
  for (const server of [cloudFormation, lambda, ecs, s3]) stack.defer(() => server.close());
  Object.assign(cloudFormation.state.takes, { createMs: 300, executeMs: 900 });
  lambda.state.takes.updateMs = 500;
  const made = makeFunction(lambda.state, 'shop-api', zipCode(Buffer.from('0.9.0')));
  made.aliases.set('live', { version: publishVersion(lambda.state, made).version, weights: {}, revision: 1 });
  const service = ecs.serve({ cluster: 'shop', name: 'web', definition: DEFINITION });
  const advancing = setInterval(() => ecs.advance(), ECS_STEP_MS);
  stack.defer(() => clearInterval(advancing));
  pointSdkAt({ cloudFormation, lambda, ecs, s3 });
  return { cloudFormation, lambda, ecs, s3, service };
}

/** What of it a visitor would see: where the alias points, which image runs, what the stack is made of. */
export function formatCloud({ cloudFormation, lambda, ecs, s3, service }: Cloud): string {
  const made = cloudFormation.stack('shop-network');
  const resources = Object.keys(
    (JSON.parse(made?.content?.template ?? '{"Resources":{}}') as { readonly Resources: object }).Resources,
  );
  const alias = lambda.state.functions.get('shop-api')?.aliases.get('live');
  const page = Buffer.from(s3.bucket(BUCKET).objects.get('index.html')?.bytes ?? []).toString();
  const { definition } = ecs.state.taskDefinitions.get(service.taskDefinition) ?? {};
  const [container] = (definition?.['containerDefinitions'] ?? []) as readonly { readonly image: string }[];
  return [
    `stack shop-network: ${made?.status ?? 'is not there'}${resources.map((name) => ` ${name}`).join('')}`,
    `alias live of function shop-api: version ${alias?.version}`,
    `bucket ${BUCKET}: index.html says ${/<h1>(.*)<\/h1>/.exec(page)?.[1] ?? 'nothing'}`,
    `service web: ${container?.image.replace(/^[^/]*\//, '')}`,
  ].join('\n');
}
