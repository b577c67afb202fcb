import { Refusal } from '../refusal.ts';
import {
  checkWrite,
  type FakeCode,
  type FakeFunction,
  type FakeVersion,
  imageCode,
  isPending,
  isUpdating,
  type LambdaState,
  publishVersion,
  zipCode,
} from './lambda-state.ts';

export type LambdaInput = Readonly<Record<string, unknown>>;
type LambdaOperation = (input: LambdaInput, state: LambdaState) => object;

const text = (input: LambdaInput, name: string): string => String(input[name] ?? '');

const missing = (what: string): Refusal =>
  new Refusal(
    'ResourceNotFoundException',
    `${what} not found: arn:aws:lambda:eu-central-1:123456789012`,
    404,
  );

function functionOf(input: LambdaInput, state: LambdaState): FakeFunction {
  const made = state.functions.get(text(input, 'FunctionName'));
  if (made === undefined) throw missing('Function');
  return made;
}

const codeView = ({ packageType, sha256 }: FakeCode) => ({ PackageType: packageType, CodeSha256: sha256 });

function latestView(made: FakeFunction, state: LambdaState): object {
  const isDone = !isUpdating(state, made);
  return {
    ...codeView(made.code),
    FunctionName: made.name,
    FunctionArn: `arn:aws:lambda:eu-central-1:123456789012:function:${made.name}`,
    Version: '$LATEST',
    RevisionId: String(made.revision),
    State: isPending(state, made) ? 'Pending' : 'Active',
    LastUpdateStatus: isDone ? (made.updateFault === undefined ? 'Successful' : 'Failed') : 'InProgress',
    ...(isDone &&
      made.updateFault !== undefined && {
        LastUpdateStatusReason: state.faultReason,
        LastUpdateStatusReasonCode: made.updateFault,
      }),
    Architectures: ['x86_64'],
  };
}

function versionView(made: FakeFunction, published: FakeVersion, state: LambdaState): object {
  const { version, code, fault } = published;
  const ended = fault === undefined ? 'Active' : 'Failed';
  const told = isPending(state, published) ? 'Pending' : ended;
  return {
    ...codeView(code),
    FunctionName: made.name,
    FunctionArn: `arn:aws:lambda:eu-central-1:123456789012:function:${made.name}:${version}`,
    Version: version,
    RevisionId: `version-${version}`,
    State: told,
    ...(told === 'Failed' && { StateReason: state.faultReason, StateReasonCode: fault }),
  };
}

function sentCode(input: LambdaInput, state: LambdaState): FakeCode {
  const { ZipFile, S3Bucket, S3Key, ImageUri } = input;
  if (typeof ImageUri === 'string') {
    if (!/@sha256:[0-9a-f]{64}$/.test(ImageUri))
      throw new Refusal('InvalidParameterValueException', `Source image ${ImageUri} is not valid.`);
    return imageCode(ImageUri);
  }
  if (typeof ZipFile === 'string') return zipCode(Buffer.from(ZipFile, 'base64'));
  const stored = state.objects.get(`${String(S3Bucket)}/${String(S3Key)}`);
  if (stored === undefined)
    throw new Refusal(
      'InvalidParameterValueException',
      'Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.',
    );
  return zipCode(stored);
}

const updateCode: LambdaOperation = (input, state) => {
  const made = functionOf(input, state);
  checkWrite(state, made, input['RevisionId']);
  const code = sentCode(input, state);
  if (code.packageType !== made.code.packageType)
    throw new Refusal(
      'InvalidParameterValueException',
      "Please don't provide ImageUri when updating a function",
    );
  made.code = code;
  made.revision += 1;
  made.updatedAt = state.now() + state.takes.updateMs;
  made.updateFault = state.nextFault;
  state.nextFault = undefined;
  state.uploads.push(code.sha256);
  return latestView(made, state);
};

const publish: LambdaOperation = (input, state) => {
  const made = functionOf(input, state);
  checkWrite(state, made, input['RevisionId']);
  const wanted = input['CodeSha256'];
  if (wanted !== undefined && wanted !== made.code.sha256)
    throw new Refusal(
      'InvalidParameterValueException',
      `CodeSHA256 (${String(wanted)}) is different from current CodeSHA256 in $LATEST (${made.code.sha256}). Please try again with the CodeSHA256 in $LATEST.`,
    );
  return versionView(made, publishVersion(state, made), state);
};

function aliasView(input: LambdaInput, state: LambdaState): object {
  const alias = functionOf(input, state).aliases.get(text(input, 'Name'));
  if (alias === undefined) throw missing('Alias');
  const { version, weights, revision } = alias;
  return {
    Name: text(input, 'Name'),
    FunctionVersion: version,
    RevisionId: `alias-${revision}`,
    ...(Object.keys(weights).length > 0 && { RoutingConfig: { AdditionalVersionWeights: weights } }),
  };
}

function checkVersions(made: FakeFunction, version: string, weights: FakeWeights): void {
  for (const each of [version, ...Object.keys(weights)])
    if (!made.versions.some((known) => known.version === each)) throw missing(`Function version ${each}`);
  if (Object.keys(weights).length > 1 || version in weights)
    throw new Refusal('InvalidParameterValueException', 'Invalid weights');
}

type FakeWeights = Readonly<Record<string, number>>;

const weightsOf = (input: LambdaInput): FakeWeights =>
  (input['RoutingConfig'] as { readonly AdditionalVersionWeights?: FakeWeights } | undefined)
    ?.AdditionalVersionWeights ?? {};

const formatMove = (version: string, weights: FakeWeights): string =>
  [version, ...Object.entries(weights).map(([other, weight]) => `${other}:${weight}`)].join('+');

const updateAlias: LambdaOperation = (input, state) => {
  const made = functionOf(input, state);
  const alias = made.aliases.get(text(input, 'Name'));
  if (alias === undefined) throw missing('Alias');
  const revision = input['RevisionId'];
  if (revision !== undefined && revision !== `alias-${alias.revision}`)
    throw new Refusal('PreconditionFailedException', 'The RevisionId provided does not match', 412);
  const version = text(input, 'FunctionVersion') || alias.version;
  const weights = weightsOf(input);
  checkVersions(made, version, weights);
  Object.assign(alias, { version, weights, revision: alias.revision + 1 });
  state.moves.push(formatMove(version, weights));
  return aliasView(input, state);
};

const createAlias: LambdaOperation = (input, state) => {
  const made = functionOf(input, state);
  const name = text(input, 'Name');
  if (made.aliases.has(name))
    throw new Refusal('ResourceConflictException', `Alias already exists: ${name}`, 409);
  const version = text(input, 'FunctionVersion');
  checkVersions(made, version, {});
  made.aliases.set(name, { version, weights: {}, revision: 1 });
  state.moves.push(version);
  return aliasView(input, state);
};

export const LAMBDA_OPERATIONS: Readonly<Record<string, LambdaOperation>> = {
  GetFunction: (input, state) => {
    const made = functionOf(input, state);
    const { image } = made.code;
    return {
      Configuration: latestView(made, state),
      Code: image === undefined ? { RepositoryType: 'S3' } : { ImageUri: image, ResolvedImageUri: image },
    };
  },
  GetFunctionConfiguration: (input, state) => {
    const made = functionOf(input, state);
    const qualifier = text(input, 'Qualifier');
    const version = made.versions.find((each) => each.version === qualifier);
    if (version === undefined) throw missing('Function');
    return versionView(made, version, state);
  },
  UpdateFunctionCode: updateCode,
  PublishVersion: publish,
  GetAlias: aliasView,
  CreateAlias: createAlias,
  UpdateAlias: updateAlias,
  DeleteAlias: (input, state) => {
    functionOf(input, state).aliases.delete(text(input, 'Name'));
    return {};
  },
  DescribeAlarms: (input, { alarms }) => ({
    MetricAlarms: [...alarms]
      .filter(([name]) => (input['AlarmNames'] as readonly string[]).includes(name))
      .map(([AlarmName, StateValue]) => ({ AlarmName, StateValue })),
    CompositeAlarms: [],
  }),
};
