import { env } from 'node:process';
import { KnownClusters } from '../../shared/aws/known-clusters.ts';
import { environmentCredentials } from '../../shared/aws/request/credentials.ts';
import { createJsonClient } from '../../shared/aws/request/json.ts';
import { s3ObjectStore } from '../../shared/aws/s3/object-store.ts';
import { systemClock } from '../../shared/clock.ts';
import { LandfallError } from '../../shared/errors.ts';
import { formatSourceId, type SourceId } from '../../shared/model/ids.ts';
import { withFoundClusters } from '../../shared/source/clusters/found-clusters.ts';
import type { DeployEntry } from '../../shared/source/deploy-entry.ts';
import { memberName } from '../../shared/source/deploys/deploy-members.ts';
import { DEPLOYS_PREFIX } from '../../shared/store/layout.ts';
import { openDeploy } from './deploy-runtime.ts';
import { CLUSTER_KINDS } from './deploys/cluster-kinds.ts';
import { deployLooks, isForAll } from './deploys/deploy-looks.ts';
import { formatDueMessage, formatWokenMessage, LOOK } from './deploys/deploy-message.ts';
import { goneMessages, type LaterMessage, type ManyDeploys, manyHandler } from './deploys/many-deploys.ts';
import { kindPorts, readKindSettings } from './kind-handler.ts';
import { once } from './once.ts';

/** What one start of the function keeps: clusters are looked up again now and then. */
async function openClusters() {
  const settings = readKindSettings(env);
  const opened = await openDeploy(settings);
  const { log, region, store } = opened;
  const clock = systemClock;
  const credentials = environmentCredentials(env);
  const clusters = new KnownClusters({
    clock,
    log,
    find: async ({ clusters: selector, role, region: at = region }, { signal }) => {
      const { taggedClusters } = await import('../../shared/aws/tagged-clusters.ts');
      const as =
        role === undefined
          ? credentials
          : (await import('../../shared/aws/credentials/assumed-role.ts')).assumedRole(
              role.arn,
              { clock, region: at, credentials },
              role.externalId,
            );
      const client = createJsonClient({ region: at, credentials: as, clock, env });
      return selector === undefined ? [] : taggedClusters(selector, { client, region: at, signal });
    },
  });
  const { delayedSender } = await import('../../shared/aws/messages/delayed-message.ts');
  const send = delayedSender(env['LANDFALL_QUEUE_URL'] ?? '', { clock, region, credentials });
  return { settings, clusters, send, log, objects: s3ObjectStore(store), bucket: store.bucket };
}

const opening = once(openClusters);

/** @throws LandfallError where nobody knows which there are: the message is delivered again, in the end to the dead letters */
function requireMembers(entry: DeployEntry, clusters: KnownClusters): readonly DeployEntry[] {
  if (clusters.of(entry) !== undefined) return withFoundClusters([entry], (each) => clusters.of(each));
  throw new LandfallError(
    'DEPLOY_UNAVAILABLE',
    `deploy ${entry.name}: ${clusters.fault() ?? 'no clusters are known'}`,
    {
      hint: 'Let its role, or the function, call tag:GetResources.',
    },
  );
}

/** An event has each cluster look at once, the schedule when it is due; one that has gone is told by the schedule. */
async function looksOf(body: string, many: ManyDeploys, source: SourceId): Promise<readonly LaterMessage[]> {
  const looks = deployLooks(body, { deploys: many.deploys, sources: [source] });
  if (!isForAll(body)) return looks.map((id) => [formatWokenMessage(id), 0] as const);
  return [...looks.map((id) => [formatDueMessage(LOOK, id), 0] as const), ...(await goneMessages(many))];
}

/**
 * Runs one deploy of a document over the clusters of EKS that have its tags: each is a deploy with a ledger and a lease of its
 * own. Those of another source are another function's.
 */
export const handler = manyHandler(async ({ signal }) => {
  const { settings, clusters, ...opened } = await opening();
  const { name, stack, source, dependencies = [] } = settings;
  const entry: DeployEntry = { ...settings.entry, name, source: formatSourceId(source) };
  const others = dependencies.map((each) => ({ ...entry, ...each }));
  const knownNow: ManyDeploys['knownNow'] = async (options) => {
    await clusters.look([entry], options);
    return {
      known: [...requireMembers(entry, clusters), ...others],
      isWhole: clusters.fault() === undefined,
    };
  };
  const { known, isWhole } = await knownNow({ signal });
  return {
    ...opened,
    own: { name, stack },
    kinds: CLUSTER_KINDS,
    ports: kindPorts,
    known,
    deploys: requireMembers(entry, clusters),
    isWhole,
    knownNow,
    isPruned: (ledger) =>
      formatSourceId(ledger) === formatSourceId(source) &&
      ledger.prunes !== null &&
      Object.hasOwn(CLUSTER_KINDS, ledger.prunes.kind),
    ledgers: `${DEPLOYS_PREFIX}${memberName(name, '')}`,
    looksOf: (body, many) => looksOf(body, many, source),
  };
});
