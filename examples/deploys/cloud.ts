import {
  type CloudFormationServer,
  startCloudFormation,
} from '../../aws-stand-ins/cloudformation/cloudformation-server.ts';
import { type EcsServer, startEcsServer } from '../../aws-stand-ins/ecs/ecs-server.ts';
import type { FakeService } from '../../aws-stand-ins/ecs/ecs-state.ts';
import { type LambdaServer, startLambdaServer } from '../../aws-stand-ins/lambda/lambda-server.ts';
import { makeFunction, publishVersion, zipCode } from '../../aws-stand-ins/lambda/lambda-state.ts';

/** Servers on loopback that speak CloudFormation's, Lambda's and ECS's protocols, with a function and a service in them. */
export interface Cloud {
  readonly cloudFormation: CloudFormationServer;
  readonly lambda: LambdaServer;
  readonly ecs: EcsServer;
  readonly service: FakeService;
}

/** ECS goes on by itself. */
const ECS_STEP_MS = 400;

/** What the SDK looks for: whatever it calls is on this machine, whoever runs the demo. */
function pointSdkAt({ cloudFormation, lambda, ecs }: Omit<Cloud, 'service'>): void {
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
  });
}

const DEFINITION = {
  family: 'web',
  containerDefinitions: [{ name: 'web', image: 'registry.example.org/demo/shop:0.9.0', essential: true }],
};

/** They end with the stack. */
export async function startCloud(stack: AsyncDisposableStack): Promise<Cloud> {
  const [cloudFormation, lambda, ecs] = await Promise.all([
    startCloudFormation(Date.now),
    startLambdaServer(Date.now),
    startEcsServer(),
  ]);
  for (const server of [cloudFormation, lambda, ecs]) stack.defer(() => server.close());
  Object.assign(cloudFormation.state.takes, { createMs: 300, executeMs: 900 });
  lambda.state.takes.updateMs = 500;
  const made = makeFunction(lambda.state, 'shop-api', zipCode(Buffer.from('0.9.0')));
  made.aliases.set('live', { version: publishVersion(lambda.state, made).version, weights: {}, revision: 1 });
  const service = ecs.serve({ cluster: 'shop', name: 'web', definition: DEFINITION });
  const advancing = setInterval(() => ecs.advance(), ECS_STEP_MS);
  stack.defer(() => clearInterval(advancing));
  pointSdkAt({ cloudFormation, lambda, ecs });
  return { cloudFormation, lambda, ecs, service };
}

/** What of it a visitor would see: where the alias points, which image runs, what the stack is made of. */
export function formatCloud({ cloudFormation, lambda, ecs, service }: Cloud): string {
  const made = cloudFormation.stack('shop-network');
  const resources = Object.keys(
    (JSON.parse(made?.content?.template ?? '{"Resources":{}}') as { readonly Resources: object }).Resources,
  );
  const alias = lambda.state.functions.get('shop-api')?.aliases.get('live');
  const { definition } = ecs.state.taskDefinitions.get(service.taskDefinition) ?? {};
  const [container] = (definition?.['containerDefinitions'] ?? []) as readonly { readonly image: string }[];
  return [
    `stack shop-network: ${made?.status ?? 'is not there'}${resources.map((name) => ` ${name}`).join('')}`,
    `alias live of function shop-api: version ${alias?.version}`,
    `service web: ${container?.image.replace(/^[^/]*\//, '')}`,
  ].join('\n');
}
