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
import { LandfallError } from '../../shared/errors.ts';
import { isObject } from '../../shared/kernel/json.ts';
import type { DeployEntry } from '../../shared/source/deploy-entry.ts';
import { deployHandler } from './deploy-runtime.ts';
import { commonSettings, readSettings } from './deploy-settings.ts';

const isEntry = (value: unknown): value is DeployEntry =>
  isObject(value) &&
  typeof value['kind'] === 'string' &&
  typeof value['timeoutMs'] === 'number' &&
  isObject(value['settings']);

/** A deploy of a document, as the document had it: what its construct checked. */
const kindSettings = z.object({
  ...commonSettings,
  entry: z.custom<DeployEntry>(isEntry, 'not a deploy with kind, timeoutMs and settings'),
});

type KindSettings = z.infer<typeof kindSettings>;

type LoadKind = () => DefinedDeploy | Promise<DefinedDeploy>;

/** @throws LandfallError CONFIG_INVALID */
function requireKind(kind: string, kinds: Readonly<Record<string, LoadKind>>) {
  const load = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (load !== undefined) return load();
  const there = Object.keys(kinds).join(', ');
  throw new LandfallError('CONFIG_INVALID', `kind ${kind} is not in this function: wanted ${there}`);
}

/** The handler of a function that runs one deploy of a document, of one of these kinds. */
export const handlerOfKinds = (kinds: Readonly<Record<string, LoadKind>>) =>
  deployHandler<KindSettings>({
    entryOf: ({ entry }) => entry,
    readSettings: (env) => readSettings(env, kindSettings),
    ports: kindPorts,
    deployer: ({ settings: { entry } }) => requireKind(entry.kind, kinds),
  });

/** The same for a team's own kind: `export const handler = kindHandler(noteDeploy)`. */
export const kindHandler = (kind: DefinedDeploy) => handlerOfKinds({ [kind.kind]: () => kind });

/** What kinds of AWS call: AWS as the deploy's role, and secrets of the function's variables and of AWS. */
export function kindPorts(region: string): Pick<DeployDeps, 'aws' | 'secret'> {
  const clock = systemClock;
  const credentials = environmentCredentials(env);
  const sdk = { clock, region, credentials };
  const cloud = cloudSecrets({ client: createJsonClient({ region, credentials, clock, env }), clock });
  const secrets = { files: new WatchedFiles(clock), env, cloud };
  return {
    aws: ({ role, region: at }, signal) => deployAccess({ sdk, role, region: at, signal }),
    secret: (where) => readSecret(where, secrets),
  };
}
