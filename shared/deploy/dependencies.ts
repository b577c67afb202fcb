import type { CallOptions } from '../kernel/call-options.ts';
import { formatSourceId, type SourceId } from '../model/ids.ts';
import type { UsedRevision } from '../model/used-revision.ts';
import { DEPLOYS_PREFIX, parseLedgerKey } from '../store/layout.ts';
import { readStatus } from '../store/status-store.ts';
import { type Ledger, readLedger } from './ledger/ledger.ts';
import type { DeployDeps } from './visit/deploy-request.ts';
import type { DeployStore } from './visit/deployer.ts';

interface Dependent {
  readonly dependsOn: readonly string[];
  readonly source: SourceId;
  /** What it is to begin with. */
  readonly generation: number;
  /** Of other sources: those that a deploy it depends on uses as well. */
  readonly uses: readonly UsedRevision[];
}

type DependencyDeps = Pick<DeployDeps, 'isFor'> & { readonly store: Pick<DeployStore, 'objects'> };

/** What a ledger still has to do; undefined: nothing. @param generation that has to be applied; undefined: what is current */
function shortOf(
  { deploy, applied, run, failure, ...id }: Ledger,
  generation: number | undefined,
  uses: readonly UsedRevision[] = [],
): string | undefined {
  const of = `${deploy} of ${formatSourceId(id)}`;
  if (failure !== null) return `for ${of}, which fails: ${failure.code}`;
  if (run !== null) return `for ${of}, which is under way`;
  const other = uses.find(({ source, digest }) =>
    applied?.uses?.some((each) => each.source === source && each.digest !== digest),
  );
  if (other !== undefined) return `for ${of}, which has not applied ${other.revision} of ${other.source}`;
  if (applied !== null && (generation === undefined || applied.generation >= generation)) return undefined;
  return `for ${of}, which has not applied ${generation === undefined ? 'anything' : `generation ${generation}`}`;
}

async function unmetBy(
  deploy: string,
  { source, generation, uses }: Dependent,
  { store: { objects }, isFor }: DependencyDeps,
  options: CallOptions,
): Promise<string | undefined> {
  const own = await readLedger(objects, deploy, source, options);
  if (own.version !== undefined) return shortOf(own.ledger, generation, uses);
  if (isFor?.(deploy, source) === true)
    return `for ${deploy} of ${formatSourceId(source)}, which has not run yet`;
  let isThere = false;
  for await (const key of objects.list(`${DEPLOYS_PREFIX}${deploy}/`, options)) {
    const id = parseLedgerKey(key);
    if (id === undefined) continue;
    isThere = true;
    const current = (await readStatus(objects, id, options))?.status.current;
    const { ledger } = await readLedger(objects, deploy, id, options);
    const short = shortOf(ledger, current?.generation);
    if (short !== undefined) return short;
  }
  return isThere ? undefined : `for ${deploy}, which has not run yet`;
}

/**
 * What a deploy still has to wait for of those it depends on: of one source with it, that they have applied this
 * generation; of others, that they have what is current. One line, or undefined.
 */
export async function unmetDependency(
  dependent: Dependent,
  deps: DependencyDeps,
  options: CallOptions,
): Promise<string | undefined> {
  for (const deploy of dependent.dependsOn) {
    const unmet = await unmetBy(deploy, dependent, deps, options);
    if (unmet !== undefined) return unmet;
  }
  return undefined;
}
