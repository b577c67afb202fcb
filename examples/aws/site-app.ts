import { CfnOutput } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { acknowledge } from '../../infra/acknowledgements.ts';
import { landfallApp, synthesizing } from '../../infra/app.ts';
import { SiteDeploy } from '../../infra/site-deploy.ts';

// The stack of infra/app.ts, with its settings, and in it a site: what is under public/ of the source web/app.
synthesizing((app) => {
  const stack = landfallApp(app);

  const bucket = new Bucket(stack, 'SiteBucket', {
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  });
  acknowledge(bucket, 'S1', 'Requests are logged where the site is served, e.g. by CloudFront');

  const site = new SiteDeploy(stack, 'Site', {
    landfall: stack.landfall,
    name: 'site',
    source: 'web/app',
    path: 'public',
    bucket,
    prefix: 'www',
    immutable: ['assets/**'],
  });

  new CfnOutput(stack, 'SiteBucketName', { value: bucket.bucketName });
  new CfnOutput(stack, 'SiteQueueUrl', { value: site.subscription.queue.queueUrl });
});
