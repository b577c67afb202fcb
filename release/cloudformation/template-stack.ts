import { Aws, CfnResource, CustomResource, Duration, Fn, type IStackSynthesizer, Stack } from 'aws-cdk-lib';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { BINDINGS_VARIABLE } from '../../functions/lambda/secret-bindings.ts';
import { NOTIFY_VARIABLE } from '../../functions/lambda/work/notify-bindings.ts';
import { environmentOf } from '../../infra/function/functions.ts';
import { LandfallFunction } from '../../infra/function/landfall-function.ts';
import { documentsPermissions } from '../../infra/function/permissions.ts';
import { Landfall } from '../../infra/landfall.ts';
import { outputsOf } from '../../infra/landfall-stack.ts';
import { NO_DOCUMENTS } from '../../shared/source/source.ts';
import {
  NO_ROLE,
  noSecret,
  noTopic,
  type TemplateParameters,
  templateParameters,
} from './template-parameters.ts';
import { TemplateSynthesizer } from './template-synthesizer.ts';

const TIMEOUT = Duration.minutes(5);

/** Landfall for who has no CDK: what its properties would say, parameters do. */
export class TemplateStack extends Stack {
  readonly zips: TemplateSynthesizer['zips'];
  readonly #parameters: TemplateParameters;

  constructor(scope: Construct, id: string) {
    const synthesizer = new TemplateSynthesizer({ bucket: 'FunctionsBucket', prefix: 'FunctionsPrefix' });
    const description = 'Landfall: turns pushes to OCI registries into events and deploys';
    super(scope, id, { synthesizer: synthesizer as IStackSynthesizer, description });
    this.zips = synthesizer.zips;
    this.#parameters = templateParameters(this);
    const { given, orElse } = this.#parameters;
    const landfall = new Landfall(this, 'Landfall', {
      endpoint: 'url',
      // A new account has none to keep.
      receiveConcurrency: 0,
      reach: {
        ecrRepositories: [given('EcrRepositories')],
        secrets: [orElse('WebhookSecrets', noSecret())],
        notify: {
          secrets: [orElse('NotifySecrets', noSecret())],
          topics: [orElse('NotifyTopics', noTopic())],
        },
      },
      deployRoles: [orElse('DeployRoles', NO_ROLE)],
      operators: [orElse('Operators', NO_ROLE)],
      alarmActions: [{ bind: () => ({ alarmActionArn: orElse('AlarmTopic', Aws.NO_VALUE) }) }],
    });
    this.#bindSecret(landfall);
    this.#tell(landfall);
    this.#putDocuments(landfall);
    outputsOf(this, landfall);
  }

  /** The login of a registry, and where alone it may be sent: known only when the template is deployed. */
  #bindSecret({ functions: { poll, reconcile } }: Landfall): void {
    const { orElse } = this.#parameters;
    const secret = orElse('RegistrySecret', noSecret());
    const bindings = Fn.sub(`[{"secretsManager":["\${Secret}"],"registries":["\${Registry}"]}]`, {
      Secret: secret,
    });
    for (const each of [poll, reconcile]) {
      each.allow({
        actions: ['secretsmanager:GetSecretValue'],
        resources: [secret],
        why: 'As the parameter says',
      });
      const resource = each.lambda.node.defaultChild as CfnFunction;
      resource.addPropertyOverride(`Environment.Variables.${BINDINGS_VARIABLE}`, bindings);
    }
  }

  /** Only where it is asked for; secrets that are no address themselves go to one place. */
  #tell({ notify }: Landfall): void {
    if (notify === undefined) throw new Error('reach.notify makes a function that tells');
    const { given, isYes, orElse } = this.#parameters;
    const lambda = notify.function.lambda.node.defaultChild as CfnFunction;
    const placed = Fn.sub(`[{"secretsManager":["\${Secrets}"],"to":["\${Place}"]}]`, {
      Secrets: orElse('NotifySecrets', noSecret()),
      Place: given('NotifyPlace'),
    });
    lambda.addPropertyOverride(`Environment.Variables.${NOTIFY_VARIABLE}`, placed);
    const condition = isYes('Notify');
    for (const each of notify.node.findAll())
      if (CfnResource.isCfnResource(each)) each.cfnOptions.condition = condition;
  }

  /** Only where there is one: what cannot be read would fail the whole stack. */
  #putDocuments({ bucket, bus, queue, settings }: Landfall): void {
    const { given, isGiven } = this.#parameters;
    const key = `${given('FunctionsPrefix')}${given('Documents')}`;
    const surroundings = {
      stack: this,
      bucket,
      bus,
      queue,
      configuration: NO_DOCUMENTS,
      reach: {},
      policies: [],
      encryptionKey: undefined,
    };
    const at = `arn:${Aws.PARTITION}:s3:::${given('FunctionsBucket')}/${key}`;
    const put = new LandfallFunction(this, 'DocumentsFunction', {
      ...settings,
      module: 'documents',
      description: 'puts the document of the stack into the bucket',
      timeout: TIMEOUT,
      memorySize: 256,
      environment: environmentOf({ bucket, bus, queue }),
      permissions: documentsPermissions(surroundings, at),
    });
    const documents = new CustomResource(this, 'PutDocuments', {
      serviceToken: put.lambda.functionArn,
      serviceTimeout: TIMEOUT.plus(Duration.minutes(1)),
      resourceType: 'Custom::LandfallDocuments',
      properties: { bucket: given('FunctionsBucket'), key, names: [given('Documents')] },
    });
    (documents.node.defaultChild as CfnResource).cfnOptions.condition = isGiven('Documents');
  }
}
