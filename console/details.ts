import { Hono } from 'hono';
import type { Clock } from '../shared/clock.ts';
import { type LedgerId, readLedger } from '../shared/deploy/ledger/ledger.ts';
import { readRuns } from '../shared/deploy/visit/run-history.ts';
import { standingRuns } from '../shared/deploy/visit/standing-runs.ts';
import { isLandfallError, LandfallError } from '../shared/errors.ts';
import type { CallOptions } from '../shared/kernel/call-options.ts';
import { formatSourceId, type SourceId } from '../shared/model/ids.ts';
import type { Status } from '../shared/model/status.ts';
import { printableLine } from '../shared/printable.ts';
import { readStatus, requireStatus } from '../shared/store/status-store.ts';
import type { Store } from '../shared/store/store.ts';
import { ASKED } from './action.ts';
import { sourceFacts } from './facts/facts.ts';
import type { Snapshot } from './facts/snapshot.ts';
import type { Snapshots } from './facts/snapshots.ts';
import { deployPage } from './pages/deploy.ts';
import { diffPage, diffTitle } from './pages/diff.ts';
import { startOf } from './pages/shown-part.ts';
import { sourcePage } from './pages/source.ts';
import { revisionDiff } from './revision-diff.ts';
import type { Show } from './show.ts';

interface DetailDeps {
  readonly store: Store;
  readonly snapshots: Snapshots;
  readonly show: Show;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A word that a button asked for: what the address says otherwise is nobody's to show. */
const askedOf = (text: string | undefined): string | undefined => ASKED.find((word) => word === text);

/** Null where there is none, or none that can be read: the list says why. */
async function statusOf(id: SourceId, { objects }: Store, options: CallOptions): Promise<Status | null> {
  try {
    return (await readStatus(objects, id, options))?.status ?? null;
  } catch (error) {
    if (isLandfallError(error) && error.code === 'STORE_CORRUPT') return null;
    throw error;
  }
}

function requireDeploy({ deploys }: Snapshot, { deploy, namespace, name }: LedgerId) {
  const found = deploys.find(
    ({ id }) => id.deploy === deploy && id.namespace === namespace && id.name === name,
  );
  if (found !== undefined) return found;
  const message = `there is no deploy ${JSON.stringify(deploy)} of ${namespace}/${name}`;
  throw new LandfallError('DEPLOY_NOT_FOUND', message);
}

/** What is shown of one source, or of one deploy. */
export function detailRoutes({ store, snapshots, show, clock, signal }: DetailDeps): Hono {
  const app = new Hono();
  app.get('/sources/:namespace/:name', async (context) => {
    const id = context.req.param();
    const { snapshot, mark } = await snapshots.now();
    const name = formatSourceId(id);
    const known = snapshot.sources.get(name);
    const status =
      known === undefined
        ? await requireStatus(store.objects, id, { signal })
        : await statusOf(id, store, { signal });
    const shown = {
      // The list may be half a minute old, and this is not.
      source: status === null && known !== undefined ? known : sourceFacts(id, status as Status),
      status,
      deploys: snapshot.deploysOf.get(name) ?? [],
      lines: snapshot.watched.linesOf(id),
      from: startOf(context.req.query('at')),
      asked: askedOf(context.req.query('asked')),
    };
    return show(context, { title: name, body: (viewer) => sourcePage(shown, viewer), mark, snapshot });
  });
  app.get('/sources/:namespace/:name/diff', async (context) => {
    const id = context.req.param();
    const { from = '', to = '', path, at } = context.req.query();
    const found = await revisionDiff({ id, from, to, path }, { store, clock }, { signal });
    const shown = { ...found, path, from: startOf(at) };
    return show(context, { title: diffTitle(found), body: (viewer) => diffPage(shown, viewer) });
  });
  app.get('/deploys/:deploy/:namespace/:name', async (context) => {
    const id = context.req.param();
    const { snapshot, mark, runsMark } = await snapshots.now();
    const deploy = requireDeploy(snapshot, id);
    const isRead = deploy.stands.state !== 'Unknown';
    const ledger = isRead ? (await readLedger(store.objects, id.deploy, id, { signal })).ledger : null;
    const runs = await readRuns(store.objects, id.deploy, id, { signal });
    const shown = {
      deploy,
      ledger,
      runs: ledger === null ? runs : standingRuns(runs, ledger, clock),
      run: context.req.query('run'),
      asked: askedOf(context.req.query('asked')),
    };
    const title = `${id.deploy} of ${formatSourceId(id)}`;
    const body = (viewer: Parameters<typeof deployPage>[1]) => deployPage(shown, viewer);
    return show(context, { title, body, mark: `${mark} ${runsMark}`, snapshot });
  });
  /** All that one run said, as text. */
  app.get('/deploys/:deploy/:namespace/:name/log', async (context) => {
    const id = context.req.param();
    requireDeploy((await snapshots.now()).snapshot, id);
    const runs = await readRuns(store.objects, id.deploy, id, { signal });
    const run = runs.find((each) => each.id === context.req.query('run'));
    if (run === undefined) return context.text('that run is not kept any more\n', 404);
    return context.text(run.log.map(({ at, line }) => `${at}  ${printableLine(line)}\n`).join(''));
  });
  return app;
}
