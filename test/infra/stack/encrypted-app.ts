import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Landfall } from '../../../infra/landfall.ts';
import { SiteDeploy } from '../../../infra/site-deploy.ts';

// A Landfall and a site, all of it under one key of its own; named by the environment as the app of cdk.json is.
const stack = new Stack(new App(), 'Landfall');
const encryptionKey = new Key(stack, 'Key', { enableKeyRotation: true });
const landfall = new Landfall(stack, 'Landfall', {
  documents: [process.env['LANDFALL_DOCUMENTS'] ?? ''],
  operators: [process.env['LANDFALL_OPERATORS'] ?? ''],
  encryptionKey,
});
const bucket = new Bucket(stack, 'SiteBucket', {
  encryption: BucketEncryption.S3_MANAGED,
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
});
new SiteDeploy(stack, 'Site', {
  ...{ landfall, name: 'site', source: 'web/app', path: 'public', bucket, prefix: 'www' },
});

for (const [name, value] of Object.entries({
  Store: `s3://${landfall.bucket.bucketName}`,
  BusArn: landfall.bus.eventBusArn,
  ReceiveUrl: landfall.url ?? '',
  SiteBucketName: bucket.bucketName,
}))
  new CfnOutput(stack, name, { value });
