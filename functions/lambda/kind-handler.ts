import type { DefinedDeploy } from '../../shared/deploy/kit/define-deploy.ts';
import { LandfallError } from '../../shared/errors.ts';
import type { DeployEntry } from '../../shared/source/deploy-entry.ts';
import { type DeployFunction, deployHandler } from './deploy-runtime.ts';
import { type KindSettings, kindSettings, readSettings } from './deploy-settings.ts';
import { kindPorts } from './work/kind-ports.ts';

/** Kinds by their names, each loaded when it is first asked for. */
export type FunctionKinds = Readonly<Record<string, () => DefinedDeploy | Promise<DefinedDeploy>>>;

/** @throws LandfallError CONFIG_INVALID */
function requireKind(kind: string, kinds: FunctionKinds) {
  const load = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (load !== undefined) return load();
  const there = Object.keys(kinds).join(', ');
  throw new LandfallError('CONFIG_INVALID', `kind ${kind} is not in this function: wanted ${there}`);
}

/** A deploy of a document, of one of these kinds. */
export const kindDeploy = (kinds: FunctionKinds): DeployFunction<KindSettings> => ({
  // What its construct, or whoever made the documents, has checked.
  entryOf: ({ entry }) => entry as unknown as DeployEntry,
  readSettings: (env) => readSettings(env, kindSettings),
  ports: kindPorts,
  deployer: ({ settings: { entry } }) => requireKind(entry.kind, kinds),
});

/** The handler of a function that runs one deploy of a document, of one of these kinds. */
export const handlerOfKinds = (kinds: FunctionKinds) => deployHandler<KindSettings>(kindDeploy(kinds));

/** The same for a team's own kind: `export const handler = kindHandler(noteDeploy)`. */
export const kindHandler = (kind: DefinedDeploy) => handlerOfKinds({ [kind.kind]: () => kind });
