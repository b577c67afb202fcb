import type { Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Landfall } from '../../../infra/landfall.ts';
import { ReceivingBus } from '../../../infra/receiving-bus.ts';
import { SiteDeploy } from '../../../infra/site-deploy.ts';
import { Subscription } from '../../../infra/subscription.ts';

interface WholeStackOptions {
  /** Whether all that can be has a key of its own. */
  readonly hasKey: boolean;
}

/** Everything the constructs can be told to make, in one stack. */
export function makeWholeStack(stack: Stack, { hasKey }: WholeStackOptions): void {
  const landfall = new Landfall(stack, 'Landfall', {
    sources: [{ name: 'web', url: 'oci://123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/web' }],
    receivers: [
      { name: 'hub', type: 'generic', registry: 'ghcr.io', secret: { secretsManager: 'landfall/hub' } },
    ],
    deployRoles: [`arn:${stack.partition}:iam::*:role/landfall-deploy-*`],
    reach: { ecrRepositories: ['team/*'], parameters: ['/landfall/*'], publicEcr: true },
    ...(hasKey && { encryptionKey: new Key(stack, 'Key', { enableKeyRotation: true }) }),
  });
  landfall.forwardTo('Team', `arn:${stack.partition}:events:${stack.region}:210987654321:event-bus/landfall`);
  new Subscription(stack, 'InOrder', { bus: landfall.bus, source: 'web', inOrder: true });
  new Subscription(stack, 'Any', { bus: landfall.bus });
  // Somebody else's, whose findings are theirs: known by its name alone.
  const site = { landfall, source: 'web', bucket: Bucket.fromBucketName(stack, 'SiteBucket', 'site') };
  new SiteDeploy(stack, 'Site', { ...site, name: 'site', prefix: 'www' });
  new SiteDeploy(stack, 'Whole', { ...site, name: 'whole', report: landfall.bus });
  new ReceivingBus(stack, 'Receiving', { landfallAccount: '123456789012' });
}
