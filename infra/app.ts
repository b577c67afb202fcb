import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { isLandfallError } from '../shared/errors.ts';
import { LandfallStack } from './landfall-stack.ts';

/** A setting of `cdk -c NAME=VALUE`, else of the environment. */
function setting(app: App, name: string, variable: string): string | undefined {
  const given: unknown = app.node.tryGetContext(name) ?? process.env[variable];
  return typeof given === 'string' && given !== '' ? given : undefined;
}

const listed = (text: string | undefined): readonly string[] =>
  (text ?? '').split(',').filter((part) => part !== '');

/**
 * The app of cdk.json: one stack, checked against AwsSolutions and CloudFormation's schemas. Its settings are `stage`
 * (LANDFALL_STAGE), `documents` (LANDFALL_DOCUMENTS) and `operators` (LANDFALL_OPERATORS), the last two with commas.
 */
export function landfallApp(app: App): LandfallStack {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const stage = setting(app, 'stage', 'LANDFALL_STAGE');
  const account = process.env['CDK_DEFAULT_ACCOUNT'];
  const region = process.env['CDK_DEFAULT_REGION'];
  return new LandfallStack(app, stage === undefined ? 'Landfall' : `Landfall-${stage}`, {
    ...(account !== undefined && region !== undefined && { env: { account, region } }),
    landfall: {
      documents: listed(setting(app, 'documents', 'LANDFALL_DOCUMENTS')),
      operators: listed(setting(app, 'operators', 'LANDFALL_OPERATORS')),
    },
  });
}

if (import.meta.main) {
  try {
    // Not at exit by itself: then it would write what there was before an error.
    const app = new App({ autoSynth: false });
    landfallApp(app);
    app.synth();
  } catch (error) {
    if (!isLandfallError(error)) throw error;
    process.stderr.write(`${error.code}\n${error.message}\n${error.hint ?? ''}\n`);
    process.exitCode = 1;
  }
}
