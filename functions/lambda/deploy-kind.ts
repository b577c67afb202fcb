import type { DefinedDeploy } from '../../shared/deploy/kit/define-deploy.ts';
import { LandfallError } from '../../shared/errors.ts';
import type { JsonObject } from '../../shared/kernel/json.ts';
import type { DeployEntry } from '../../shared/source/deploy-entry.ts';
import { deployHandler } from './deploy-runtime.ts';
import { type KindSettings, kindSettings, readSettings } from './deploy-settings.ts';
import { kindPorts } from './work/kind-ports.ts';

/** The kinds of AWS, each loaded by the function of its deploys alone. A new one is one more line here. */
const KINDS: Readonly<Record<string, () => Promise<DefinedDeploy>>> = {
  http: async () => (await import('../../shared/deploy/http/http-deploy.ts')).httpDeploy,
  stack: async () => (await import('../../shared/deploy/stack/stack-deploy.ts')).stackDeploy,
  function: async () => (await import('../../shared/deploy/function/function-deploy.ts')).functionDeploy,
  service: async () => (await import('../../shared/deploy/service/service-deploy.ts')).serviceDeploy,
};

/** @throws LandfallError CONFIG_INVALID */
function requireKind(kind: string): Promise<DefinedDeploy> {
  const load = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (load !== undefined) return load();
  throw new LandfallError(
    'CONFIG_INVALID',
    `kind ${kind} is none of AWS: wanted ${Object.keys(KINDS).join(', ')}`,
  );
}

/** Runs one deploy of a document, of whatever kind. */
export const handler = deployHandler<KindSettings>({
  entryOf: ({ entry }) =>
    entry as unknown as { readonly kind: string; readonly settings: JsonObject } & DeployEntry,
  readSettings: (env) => readSettings(env, kindSettings),
  ports: kindPorts,
  deployer: ({ settings: { entry } }) => requireKind(entry.kind),
});
