import { env } from 'node:process';
import * as z from 'zod/mini';
import { deployAccess } from '../../shared/aws/credentials/deploy-access.ts';
import { cloudSecrets } from '../../shared/aws/credentials/secrets.ts';
import { environmentCredentials } from '../../shared/aws/request/credentials.ts';
import { createJsonClient } from '../../shared/aws/request/json.ts';
import { systemClock } from '../../shared/clock.ts';
import { readSecret } from '../../shared/credentials/secret.ts';
import { WatchedFiles } from '../../shared/credentials/watched-files.ts';
import type { DefinedDeploy } from '../../shared/deploy/kit/define-deploy.ts';
import type { DeployDeps } from '../../shared/deploy/visit/deploy-request.ts';
import { isForSource } from '../../shared/deploy/wanted.ts';
import { LandfallError } from '../../shared/errors.ts';
import { isObject } from '../../shared/kernel/json.ts';
import type { DeployEntry } from '../../shared/source/deploy-entry.ts';
import { type DeployFunction, deployHandler } from './deploy-runtime.ts';
import { commonSettings, readSettings } from './deploy-settings.ts';
import { kindSites } from './deploys/kind-sites.ts';

const isEntry = (value: unknown): value is DeployEntry =>
  isObject(value) &&
  typeof value['kind'] === 'string' &&
  typeof value['timeoutMs'] === 'number' &&
  isObject(value['settings']);

/** A deploy of a document, as the document had it: what its construct checked. */
const kindSettings = z.object({
  ...commonSettings,
  entry: z.custom<DeployEntry>(isEntry, 'not a deploy with kind, timeoutMs and settings'),
  /** What deploys it depends on are for: a name, and a source or a glob. */
  dependencies: z.optional(z.array(z.object({ name: z.string(), source: z.string() }))),
});

export type KindSettings = z.infer<typeof kindSettings>;

/** Kinds by their names, each loaded when it is first asked for. */
export type FunctionKinds = Readonly<Record<string, () => DefinedDeploy | Promise<DefinedDeploy>>>;

/** @throws LandfallError CONFIG_INVALID */
export function requireKind(kind: string, kinds: FunctionKinds) {
  const load = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (load !== undefined) return load();
  const there = Object.keys(kinds).join(', ');
  throw new LandfallError('CONFIG_INVALID', `kind ${kind} is not in this function: wanted ${there}`);
}

/** Whether one of them is for a source that it has not run for yet. */
const knownDependencies = ({ dependencies }: KindSettings): Pick<DeployDeps, 'isFor'> =>
  dependencies === undefined
    ? {}
    : {
        isFor: (deploy, source) =>
          dependencies.some((each) => each.name === deploy && isForSource(each, source)),
      };

/** What a function of one deploy of a document is told. @throws LandfallError CONFIG_INVALID */
export const readKindSettings = (environment: NodeJS.ProcessEnv): KindSettings =>
  readSettings(environment, kindSettings);

/** A deploy of a document, of one of these kinds. */
export const kindDeploy = (
  kinds: FunctionKinds,
  ports: KindPorts = kindPorts,
): DeployFunction<KindSettings> => ({
  entryOf: ({ entry }) => entry,
  readSettings: readKindSettings,
  ports: (opened) => ({ ...ports(opened), ...knownDependencies(opened.settings) }),
  deployer: ({ settings: { entry } }) => requireKind(entry.kind, kinds),
});

/** The handler of a function that runs one deploy of a document, of one of these kinds. */
export const handlerOfKinds = (kinds: FunctionKinds) => deployHandler<KindSettings>(kindDeploy(kinds));

/** The same for a team's own kind: `export const handler = kindHandler(noteDeploy)`. */
export const kindHandler = (kind: DefinedDeploy) => handlerOfKinds({ [kind.kind]: () => kind });

/** What kinds work with beside the store. */
export type KindPorts = (
  runtime: Parameters<typeof kindSites>[0],
) => Pick<DeployDeps, 'aws' | 'sites' | 'secret'>;

/** What kinds of AWS call: AWS as the deploy's role, buckets of sites, and secrets of the function's variables and of AWS. */
export const kindPorts: KindPorts = (runtime) => {
  const { region } = runtime;
  const clock = systemClock;
  const credentials = environmentCredentials(env);
  const sdk = { clock, region, credentials };
  const cloud = cloudSecrets({ client: createJsonClient({ region, credentials, clock, env }), clock });
  const secrets = { files: new WatchedFiles(clock), env, cloud };
  return {
    aws: ({ role, region: at }, signal) => deployAccess({ sdk, role, region: at, signal }),
    sites: kindSites(runtime),
    secret: (where) => readSecret(where, secrets),
  };
};
