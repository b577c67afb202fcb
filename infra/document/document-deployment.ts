import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Arn, CustomResource, Duration, Stack, Stage } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { formatBundle } from '../../functions/lambda/deploys/deploy-documents.ts';
import { digestOf } from '../../shared/oci/digest.ts';
import { environmentOf } from '../function/functions.ts';
import { LandfallFunction } from '../function/landfall-function.ts';
import { documentsPermissions, type Surroundings } from '../function/permissions.ts';
import type { SharedSettings } from '../function/shared-settings.ts';
import type { NetworkProps } from '../network/network-props.ts';
import type { AppDocument } from './read-documents.ts';

const TIMEOUT = Duration.minutes(5);

export interface DocumentDeploymentProps {
  readonly documents: readonly AppDocument[];
  readonly surroundings: Surroundings;
  readonly settings: SharedSettings;
  readonly network: NetworkProps;
}

/** Writes the documents as one file beside the template, where cdk takes assets from. */
function bundleFile(scope: Construct, documents: readonly AppDocument[]): string {
  const text = formatBundle(documents.map(({ name, text }) => ({ file: name, text })));
  const folder = Stage.of(scope)?.outdir ?? '.';
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `documents.${digestOf(text).slice(-16)}.json`);
  writeFileSync(path, text);
  return path;
}

/**
 * Puts the stack's documents into the bucket whenever a deploy changes them. In between they can be changed there
 * (`landfall apply`): a deploy that changes none leaves them alone.
 */
export class DocumentDeployment extends Construct {
  readonly function: LandfallFunction;

  constructor(scope: Construct, id: string, props: DocumentDeploymentProps) {
    super(scope, id);
    const { documents, surroundings, network, settings } = props;
    const asset = new Asset(this, 'Bundle', { path: bundleFile(this, documents) });
    const bundle = Arn.format(
      {
        service: 's3',
        region: '',
        account: '',
        resource: asset.s3BucketName,
        resourceName: asset.s3ObjectKey,
      },
      Stack.of(this),
    );
    this.function = new LandfallFunction(this, 'Function', {
      module: 'documents',
      description: 'puts the documents of the stack into the bucket',
      timeout: TIMEOUT,
      memorySize: 256,
      environment: environmentOf(surroundings),
      network,
      ...settings,
      permissions: documentsPermissions(surroundings, bundle),
    });
    new CustomResource(this, 'Documents', {
      serviceToken: this.function.lambda.functionArn,
      serviceTimeout: TIMEOUT.plus(Duration.minutes(1)),
      resourceType: 'Custom::LandfallDocuments',
      properties: {
        bucket: asset.s3BucketName,
        key: asset.s3ObjectKey,
        names: documents.map(({ name }) => name),
      },
    });
  }
}
