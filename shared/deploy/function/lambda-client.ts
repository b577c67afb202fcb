import {
  type AliasConfiguration,
  type Architecture,
  CreateAliasCommand,
  DeleteAliasCommand,
  type FunctionConfiguration,
  GetAliasCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import type { AwsAccess } from '../kit/aws-access.ts';
import { awsCode } from '../kit/failures.ts';
import type { AliasCalls, AliasView, CodeSource, FunctionCalls, FunctionView, Lambda } from './lambda.ts';

interface Client {
  readonly aws: AwsAccess;
  readonly sdk: LambdaClient;
}

const reasonOf = (reason: string | undefined, code: string | undefined): string =>
  [code, reason].filter((part) => part !== undefined && part !== '').join(': ');

function viewOf(configuration: FunctionConfiguration, image?: string): FunctionView {
  const { StateReason, StateReasonCode, LastUpdateStatusReason, LastUpdateStatusReasonCode } = configuration;
  return {
    arn: configuration.FunctionArn ?? '',
    version: configuration.Version ?? '',
    codeSha256: configuration.CodeSha256 ?? '',
    revisionId: configuration.RevisionId ?? '',
    state: configuration.State ?? 'Active',
    stateReason: reasonOf(StateReason, StateReasonCode),
    update: configuration.LastUpdateStatus ?? '',
    updateReason: reasonOf(LastUpdateStatusReason, LastUpdateStatusReasonCode),
    packageType: configuration.PackageType ?? 'Zip',
    architectures: configuration.Architectures ?? ['x86_64'],
    imageDigest: image?.split('@')[1],
  };
}

/** Undefined where it is not there. */
async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (awsCode(error) === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

const codeOf = (source: CodeSource) => {
  if ('zip' in source) return { ZipFile: source.zip };
  return 'image' in source ? { ImageUri: source.image } : { S3Bucket: source.bucket, S3Key: source.key };
};

const functionsOf = ({ aws, sdk }: Client): FunctionCalls => ({
  get: async (FunctionName) => {
    const command = new GetFunctionCommand({ FunctionName });
    const found = await unlessMissing(aws.call('GetFunction', (options) => sdk.send(command, options)));
    return found?.Configuration && viewOf(found.Configuration, found.Code?.ResolvedImageUri);
  },
  version: async (FunctionName, Qualifier) => {
    const command = new GetFunctionConfigurationCommand({ FunctionName, Qualifier });
    return viewOf(await aws.call('GetFunctionConfiguration', (options) => sdk.send(command, options)));
  },
  updateCode: async (FunctionName, { source, architecture, revisionId: RevisionId }) => {
    const command = new UpdateFunctionCodeCommand({
      FunctionName,
      RevisionId,
      ...codeOf(source),
      ...(architecture !== undefined && { Architectures: [architecture as Architecture] }),
    });
    return viewOf(await aws.call('UpdateFunctionCode', (options) => sdk.send(command, options)));
  },
  publish: async (
    FunctionName,
    { codeSha256: CodeSha256, revisionId: RevisionId, description: Description },
  ) => {
    const command = new PublishVersionCommand({ FunctionName, CodeSha256, RevisionId, Description });
    return viewOf(await aws.call('PublishVersion', (options) => sdk.send(command, options)));
  },
});

const aliasOf = (alias: AliasConfiguration): AliasView => ({
  version: alias.FunctionVersion ?? '',
  revisionId: alias.RevisionId ?? '',
  weights: alias.RoutingConfig?.AdditionalVersionWeights ?? {},
});

const aliasesOf = ({ aws, sdk }: Client): AliasCalls => ({
  get: async (FunctionName, Name) => {
    const command = new GetAliasCommand({ FunctionName, Name });
    const found = await unlessMissing(aws.call('GetAlias', (options) => sdk.send(command, options)));
    return found && aliasOf(found);
  },
  create: async (FunctionName, Name, FunctionVersion) => {
    const command = new CreateAliasCommand({ FunctionName, Name, FunctionVersion });
    return aliasOf(await aws.call('CreateAlias', (options) => sdk.send(command, options)));
  },
  move: async (FunctionName, Name, { version: FunctionVersion, weights, revisionId: RevisionId }) => {
    const RoutingConfig = { AdditionalVersionWeights: { ...weights } };
    const command = new UpdateAliasCommand({
      FunctionName,
      Name,
      FunctionVersion,
      RoutingConfig,
      RevisionId,
    });
    return aliasOf(await aws.call('UpdateAlias', (options) => sdk.send(command, options)));
  },
  remove: async (FunctionName, Name) => {
    const command = new DeleteAliasCommand({ FunctionName, Name });
    await unlessMissing(aws.call('DeleteAlias', (options) => sdk.send(command, options)));
  },
});

/** Lambda by the SDK, for one deploy. */
export function openLambda(aws: AwsAccess): Lambda {
  const client = { aws, sdk: new LambdaClient(aws.settings) };
  return { functions: functionsOf(client), aliases: aliasesOf(client) };
}
