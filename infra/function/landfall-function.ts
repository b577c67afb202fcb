import { basename } from 'node:path';
import { Duration, RemovalPolicy, Size } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  Architecture,
  type IDestination,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from '../acknowledgements.ts';
import type { KubectlLayer } from '../landfall-props.ts';
import { networkFiles, networkPermissions, networkVariables, placement } from '../network/network.ts';
import type { NetworkProps } from '../network/network-props.ts';
import type { Permission } from '../permission.ts';
import { bundledCode } from './bundling.ts';
import type { SharedSettings } from './shared-settings.ts';

export interface LandfallFunctionProps extends SharedSettings {
  /** The module in functions/lambda, or the absolute path of a file of yours, which exports `handler`. */
  readonly module: string;
  readonly description: string;
  readonly timeout: Duration;
  readonly memorySize: number;
  readonly ephemeralStorage?: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly permissions: readonly Permission[];
  readonly reservedConcurrency?: number;
  /** Default: one that CloudFormation makes. */
  readonly roleName?: string;
  /** Where an event goes that an asynchronous invocation failed on three times. */
  readonly onFailure?: IDestination;
  /** Default: none of one's own. */
  readonly network?: NetworkProps;
  /** Default: it runs no kubectl. */
  readonly kubectl?: KubectlLayer | undefined;
}

/** Lambda decrypts variables in the name of the function. */
const variablesOf = (key: IKey | undefined): readonly Permission[] =>
  key === undefined ? [] : [{ actions: ['kms:Decrypt'], resources: [key.keyArn] }];

/**
 * A function with a role, a log group and nothing that another function may use. The role has no managed policy: it may
 * write to its own log group and do what `permissions` say.
 */
export class LandfallFunction extends Construct {
  readonly lambda: LambdaFunction;
  readonly role: Role;
  readonly logGroup: LogGroup;
  readonly module: string;

  constructor(scope: Construct, id: string, props: LandfallFunctionProps) {
    super(scope, id);
    const {
      module,
      permissions,
      ephemeralStorage,
      reservedConcurrency,
      onFailure,
      network = {},
      kubectl,
      encryptionKey,
    } = props;
    this.module = module;
    this.logGroup = new LogGroup(this, 'Logs', {
      retention: props.logRetention ?? RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(encryptionKey !== undefined && { encryptionKey }),
    });
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `Landfall ${basename(module, '.ts')}`,
      ...(props.roleName !== undefined && { roleName: props.roleName }),
    });
    const own = [this.#logging(), ...variablesOf(encryptionKey)];
    for (const permission of [...own, ...permissions, ...networkPermissions(network)]) {
      this.allow(permission);
    }
    this.lambda = new LambdaFunction(this, 'Function', {
      code: bundledCode(module, networkFiles(network)),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture:
        kubectl === undefined ? Architecture.ARM_64 : (kubectl.architecture ?? Architecture.X86_64),
      ...(kubectl !== undefined && { layers: [kubectl.layer] }),
      tracing: props.tracing === true ? Tracing.ACTIVE : Tracing.DISABLED,
      loggingFormat: LoggingFormat.JSON,
      systemLogLevelV2: SystemLogLevel[props.systemLogLevel ?? 'WARN'],
      role: this.role,
      logGroup: this.logGroup,
      description: `Landfall: ${props.description}`,
      timeout: props.timeout,
      memorySize: props.memorySize,
      environment: { ...networkVariables(network), ...props.environment },
      ...(encryptionKey !== undefined && { environmentEncryption: encryptionKey }),
      ...placement(network),
      ...(ephemeralStorage !== undefined && { ephemeralStorageSize: Size.mebibytes(ephemeralStorage) }),
      ...(reservedConcurrency !== undefined && { reservedConcurrentExecutions: reservedConcurrency }),
      ...(onFailure !== undefined && { onFailure, retryAttempts: 2, maxEventAge: Duration.hours(6) }),
    });
    if (props.tracing === true) acknowledgeWildcards(this.role, ['*'], 'X-Ray has no resources to name');
  }

  /** Adds to what the function may do. */
  allow({ actions, resources, conditions, why }: Permission): void {
    acknowledgeWildcards(this.role, resources, why);
    this.role.addToPolicy(
      new PolicyStatement({
        effect: Effect.ALLOW,
        actions: [...actions],
        resources: [...resources],
        ...(conditions !== undefined && { conditions: { ...conditions } }),
      }),
    );
  }

  #logging(): Permission {
    return {
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [this.logGroup.logGroupArn],
    };
  }
}
