import { App, Validations } from 'aws-cdk-lib';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { AwsSolutionsChecks } from 'cdk-nag';
import { isLandfallError, LandfallError } from '../shared/errors.ts';
import type { EndpointKind } from './endpoint/endpoint-kind.ts';
import type { LandfallProps } from './landfall-props.ts';
import { LandfallStack } from './landfall-stack.ts';

/** A setting of `cdk -c NAME=VALUE`, else of the environment. */
function setting(app: App, name: string, variable: string): string | undefined {
  const value: unknown = app.node.tryGetContext(name) ?? process.env[variable];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

const listed = (text: string | undefined): readonly string[] =>
  (text ?? '').split(',').filter((part) => part !== '');

/** A whole number from 0, written as such. @throws LandfallError CONFIG_INVALID */
function counted(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new LandfallError('CONFIG_INVALID', `-c ${name}=${text}: wanted a whole number`, {
    hint: `Write -c ${name}=10.`,
  });
}

/** @throws LandfallError CONFIG_INVALID */
function endpointOf(text: string | undefined): EndpointKind | undefined {
  if (text === undefined || text === 'url' || text === 'api' || text === 'none') return text;
  if (text.startsWith('arn:')) return { webAcl: text };
  const hint = "Write url, api, none, or the ARN of a web ACL of WAF's scope CLOUDFRONT.";
  throw new LandfallError('CONFIG_INVALID', `-c endpoint=${text} is none`, { hint });
}

/** Properties without those that nobody set. */
const given = <T extends object>(props: { readonly [K in keyof T]: T[K] | undefined }): Partial<T> =>
  Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined)) as Partial<T>;

/** An ARN is all that an alarm needs to know of a topic. @throws LandfallError CONFIG_INVALID */
function actionsOf(arn: string | undefined): readonly IAlarmAction[] | undefined {
  if (arn === undefined) return undefined;
  if (/^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$/.test(arn)) {
    return [{ bind: () => ({ alarmActionArn: arn }) }];
  }
  const hint = 'Write the ARN of a topic of SNS: aws sns create-topic --name alarms prints it.';
  throw new LandfallError('CONFIG_INVALID', `-c alarmTopic=${arn} is no topic`, { hint });
}

/** What of a Landfall is set from outside; docs/aws.md has the table. */
function settingsOf(app: App): LandfallProps {
  const number = (name: string, text: string | undefined): number | undefined => counted(text, name);
  const reconcile = given<NonNullable<LandfallProps['reconcile']>>({
    memorySize: number('reconcileMemory', setting(app, 'reconcileMemory', 'LANDFALL_RECONCILE_MEMORY')),
    concurrency: number(
      'reconcileConcurrency',
      setting(app, 'reconcileConcurrency', 'LANDFALL_RECONCILE_CONCURRENCY'),
    ),
  });
  return {
    documents: listed(setting(app, 'documents', 'LANDFALL_DOCUMENTS')),
    operators: listed(setting(app, 'operators', 'LANDFALL_OPERATORS')),
    reconcile,
    ...given<LandfallProps>({
      endpoint: endpointOf(setting(app, 'endpoint', 'LANDFALL_ENDPOINT')),
      receiveConcurrency: number(
        'receiveConcurrency',
        setting(app, 'receiveConcurrency', 'LANDFALL_RECEIVE_CONCURRENCY'),
      ),
      userAgent: setting(app, 'userAgent', 'LANDFALL_USER_AGENT'),
      ca: setting(app, 'ca', 'LANDFALL_CA'),
      alarmActions: actionsOf(setting(app, 'alarmTopic', 'LANDFALL_ALARM_TOPIC')),
    }),
  };
}

/** The app of cdk.json: one stack, checked against AwsSolutions and CloudFormation's schemas. */
export function landfallApp(app: App): LandfallStack {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const stage = setting(app, 'stage', 'LANDFALL_STAGE');
  const account = process.env['CDK_DEFAULT_ACCOUNT'];
  const region = process.env['CDK_DEFAULT_REGION'];
  return new LandfallStack(app, stage === undefined ? 'Landfall' : `Landfall-${stage}`, {
    ...(account !== undefined && region !== undefined && { env: { account, region } }),
    landfall: settingsOf(app),
  });
}

/** Synthesizes what `build` makes of an app. What is wrong with a document is told in three lines, and ends in exit 1. */
export function synthesizing(build: (app: App) => void): void {
  try {
    // Not at exit by itself: then it would write what there was before an error.
    const app = new App({ autoSynth: false });
    build(app);
    app.synth();
  } catch (error) {
    if (!isLandfallError(error)) throw error;
    process.stderr.write(`${error.code}\n${error.message}\n${error.hint ?? ''}\n`);
    process.exitCode = 1;
  }
}

if (import.meta.main) synthesizing(landfallApp);
