import { env } from 'node:process';
import * as z from 'zod/mini';
import {
  type Compiled,
  deploysOf,
  EMPTY_COMPILED,
  sourcesOf,
} from '../../shared/aws/configuration/compiled.ts';
import { configurationReader } from '../../shared/aws/configuration/configuration-in-force.ts';
import { functionEnvironment } from '../../shared/aws/function-environment.ts';
import { environmentCredentials } from '../../shared/aws/request/credentials.ts';
import { environmentReader } from '../../shared/aws/s3/bucket-reader.ts';
import { s3ObjectStore } from '../../shared/aws/s3/object-store.ts';
import { environmentRoot } from '../../shared/aws/s3/root.ts';
import { systemClock } from '../../shared/clock.ts';
import { parseObject } from '../../shared/kernel/json.ts';
import type { SourceId } from '../../shared/model/ids.ts';
import type { DeployEntry } from '../../shared/source/deploy-entry.ts';
import { DEPLOYS_PREFIX } from '../../shared/store/layout.ts';
import { DEPLOY_VARIABLE } from './deploy-settings.ts';
import { ROLE_KINDS } from './deploys/aws-kinds.ts';
import { deployLooks, isForAll, isOfTarget } from './deploys/deploy-looks.ts';
import { formatDueMessage, formatWokenMessage, LOOK } from './deploys/deploy-message.ts';
import { isPrunedHere } from './deploys/deploys-to-prune.ts';
import { goneMessages, type LaterMessage, type ManyDeploys, manyHandler } from './deploys/many-deploys.ts';
import { rolePorts } from './deploys/role-ports.ts';
import { requireKind } from './kind-handler.ts';
import { lambdaLog } from './lambda-log.ts';
import { once } from './once.ts';

const own = z.object({ name: z.string(), stack: z.string() });

/** What one start of the function keeps: documents are read again where they changed. */
async function openRoles() {
  const { bucket, queueUrl, region } = functionEnvironment(['bucket', 'queueUrl', 'region'], env);
  const clock = systemClock;
  const reader = environmentReader({ bucket, region, env }, clock);
  const { delayedSender } = await import('../../shared/aws/messages/delayed-message.ts');
  return {
    bucket,
    region,
    own: own.parse(parseObject(env[DEPLOY_VARIABLE] ?? '')),
    log: lambdaLog(),
    objects: s3ObjectStore(environmentRoot({ bucket, prefix: '', region, env }, clock)),
    // Whoever polls makes it of the documents; until then there is nothing to deploy.
    read: configurationReader({ reader, refresh: async () => EMPTY_COMPILED }),
    send: delayedSender(queueUrl, { clock, region, credentials: environmentCredentials(env) }),
  };
}

/** Entries that this function runs: as a role, and of a kind that needs no machine. */
const runnable = (entries: readonly DeployEntry[]): readonly DeployEntry[] =>
  entries.filter(({ kind, role }) => role !== undefined && Object.hasOwn(ROLE_KINDS, kind));

/** What documents say; not the whole of it where one is refused, as it may have what is in none of the others. */
const knownOf = (compiled: Compiled): Pick<ManyDeploys, 'known' | 'isWhole'> => ({
  known: deploysOf(compiled),
  isWhole: compiled !== EMPTY_COMPILED && compiled.problems.length === 0,
});

/** What a message that is for no deploy alone has them do. */
async function looksOf(
  body: string,
  many: ManyDeploys,
  { sources, region }: { readonly sources: readonly SourceId[]; readonly region: string },
): Promise<readonly LaterMessage[]> {
  const { deploys, bucket, invocation } = many;
  if (isOfTarget(body)) {
    const { deployWakes } = await import('./deploys/deploy-wakes.ts');
    const [, partition = 'aws', , , account = ''] = invocation.functionArn.split(':');
    const origin = { partition, account, region, bucket };
    const kindOf = (kind: string) => requireKind(kind, ROLE_KINDS);
    const woken = await deployWakes(body, { deploys, sources, kindOf, origin });
    return woken.map((id) => [formatWokenMessage(id), 0]);
  }
  const looks = deployLooks(body, { deploys, sources }).map((id) => [formatDueMessage(LOOK, id), 0] as const);
  return isForAll(body) ? [...looks, ...(await goneMessages(many))] : looks;
}

const opening = once(openRoles);

/** Runs the deploys of documents that name a role, which need no function of their own. */
export const handler = manyHandler(async ({ signal }) => {
  const { read, region, ...roles } = await opening();
  const { compiled } = await read({ signal });
  const { known, isWhole } = knownOf(compiled);
  const at = { sources: sourcesOf(compiled), region };
  return {
    ...roles,
    known,
    kinds: ROLE_KINDS,
    ports: rolePorts,
    deploys: runnable(known),
    isWhole,
    knownNow: async (options) => knownOf((await read(options)).compiled),
    isPruned: (ledger) => isPrunedHere(ledger, ROLE_KINDS),
    ledgers: DEPLOYS_PREFIX,
    looksOf: (body, many) => looksOf(body, many, at),
  };
});
