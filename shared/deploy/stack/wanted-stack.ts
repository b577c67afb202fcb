import { createHash } from 'node:crypto';
import type { DeployContext } from '../kit/deploy-context.ts';
import type { JsonValue } from '../kit/json-value.ts';
import { readParameters } from './stack-parameters.ts';
import type { StackSettings } from './stack-settings.ts';
import { readTemplate, type StackTemplate } from './template/stack-template.ts';

/** What a revision and a document make of a stack. */
export interface WantedStack {
  readonly template: StackTemplate;
  readonly parameters: Readonly<Record<string, string>>;
  /**
   * Of the change set: the run, then what is wanted. So a look that is taken again finds its own, and one for
   * something else is another.
   */
  readonly changeSet: string;
}

const digestOf = (value: JsonValue): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);

/** @throws LandfallError DEPLOY_FAILED; as DeployArtifact.read */
export async function readWanted({
  artifact,
  settings,
  origin,
  runId,
}: Pick<DeployContext<StackSettings>, 'artifact' | 'settings' | 'origin' | 'runId'>): Promise<WantedStack> {
  const template = await readTemplate(settings.template, { artifact, origin });
  const parameters = await readParameters(settings, artifact);
  const { executionRole, tags, capabilities, keepParameters, stack, revertDrift } = settings;
  const digest = digestOf([
    ...[stack, template.digest, parameters, keepParameters, tags, executionRole, capabilities, revertDrift],
  ]);
  return { template, parameters, changeSet: `${runId}-${digest}` };
}
