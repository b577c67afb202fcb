import { knownSecrets } from '../../credentials/known-secrets.ts';
import { PLAN_CHARACTERS } from '../../limits.ts';
import { deployFailed } from '../kit/failures.ts';
import type { DeployPlan, PlannedChange } from '../kit/plan.ts';
import { keyOf, shownObject } from '../kubernetes/cluster-object.ts';
import type { WantedRelease } from './chart/wanted-release.ts';
import { planDefinitions } from './chart-definitions.ts';
import { renderRelease } from './helm-commands.ts';
import { actionFor, isAsWanted, refuseFlux, wantedOf } from './helm-converge.ts';
import type { HelmVisit } from './helm-visit.ts';
import { type Release, readRelease } from './release/release.ts';
import { type ComparedObject, compareObjects } from './release/release-drift.ts';
import { isPending, type ReleaseEntry } from './release/release-history.ts';
import {
  isKept,
  isOfRelease,
  liveOf,
  type ReleaseObject,
  releaseObjects,
} from './release/release-objects.ts';

function changeOf(action: PlannedChange['action'], what: string, why: readonly string[]): PlannedChange {
  const text = knownSecrets.mask(why.join('; '));
  const shown = text.length > PLAN_CHARACTERS ? `${text.slice(0, PLAN_CHARACTERS - 1)}…` : text;
  return { action, what, ...(shown !== '' && { why: shown }) };
}

const objectChange = ({ id, action, why }: ComparedObject): readonly PlannedChange[] =>
  action === 'none' ? [] : [changeOf(action, shownObject(id), why)];

const ACTIONS = ['create', 'update', 'delete', 'run'] as const;

function summaryOf(head: string, changes: readonly PlannedChange[]): string {
  const counts = ACTIONS.flatMap((action) => {
    const count = changes.filter((each) => each.action === action).length;
    return count === 0 ? [] : [`${count} to ${action}`];
  });
  return [head, counts.join(', ')].filter((part) => part !== '').join(': ');
}

/** Objects are compared with the cluster; where the namespace is not there yet, nobody can be asked. */
async function compared(
  objects: readonly ReleaseObject[],
  visit: HelmVisit,
): Promise<readonly ComparedObject[]> {
  const { settings } = visit.context;
  const unknown = objects.filter(({ resource }) => resource === undefined);
  const known = await compareObjects(
    objects.filter(({ resource }) => resource !== undefined),
    settings.driftIgnore,
    visit,
  );
  return [...known, ...unknown.map((each) => ({ ...each, action: 'create' as const, why: [] }))];
}

/** What the release has now and would have no more. */
async function dropped(
  before: Release | undefined,
  after: readonly ReleaseObject[],
  visit: HelmVisit,
): Promise<readonly PlannedChange[]> {
  if (before === undefined) return [];
  const { place } = visit.history;
  const keys = new Set(after.map(({ id }) => keyOf(id)));
  const all = await releaseObjects(before.manifest, place, visit);
  const gone = all.filter(({ id, object }) => !keys.has(keyOf(id)) && !isKept(object));
  const live = await liveOf(gone, visit);
  return gone
    .filter(({ id }) => isOfRelease(live.get(keyOf(id)), place))
    .map(({ id }) => changeOf('delete', shownObject(id), ['it has left the chart']));
}

const hookChanges = (
  { hooks }: Release,
  action: 'install' | 'upgrade',
  visit: HelmVisit,
): readonly PlannedChange[] => {
  const asked = [`pre-${action}`, `post-${action}`];
  return visit.context.settings.disableHooks.includes(action)
    ? []
    : hooks
        .map(({ shown, events }) => ({ shown, events: events.filter((event) => asked.includes(event)) }))
        .filter(({ events }) => events.length > 0)
        .map(({ shown, events }) => changeOf('run', shown, [`hook ${events.join(', ')}`]));
};

/** Why a release is not what is wanted. */
function whyOf(
  before: Release | undefined,
  after: Release,
  last: ReleaseEntry | undefined,
): readonly string[] {
  if (before === undefined || last === undefined) return [`${after.chart}`];
  return [
    before.chart === after.chart
      ? `${after.chart}: its files or values differ`
      : `${before.chart} → ${after.chart}`,
    ...(last.status === 'deployed' ? [] : [`revision ${last.version} is ${last.status}`]),
    ...(last.isOwn ? [] : [`revision ${last.version} was made by somebody else`]),
  ];
}

async function planUpgrade(
  wanted: WantedRelease,
  last: ReleaseEntry | undefined,
  visit: HelmVisit,
): Promise<DeployPlan> {
  const { context, history } = visit;
  const action = actionFor(last);
  const isNew = action === 'install';
  const before = isNew || last === undefined ? undefined : await history.read(last.version);
  const definitions = await planDefinitions(wanted.chart, context.settings.crds[action], visit);
  const after = readRelease(await renderRelease(wanted, action, visit));
  if (after === undefined)
    throw deployFailed(`helm said nothing of ${history.shown} that can be read`, {
      hint: 'Run another version of helm.',
    });
  const objects = await releaseObjects(after.manifest, history.place, visit);
  const name = `Release/${history.place.namespace}/${history.place.name}`;
  const why = whyOf(before, after, last);
  const changes = [
    ...definitions.flatMap(({ id, action, why: differs }) =>
      action === 'none' ? [] : [changeOf(action, shownObject(id), differs)],
    ),
    changeOf(isNew ? 'create' : 'update', name, why),
    ...(await compared(objects, visit)).flatMap(objectChange),
    ...(await dropped(before, objects, visit)),
    ...hookChanges(after, action, visit),
  ];
  return { changes, summary: summaryOf(`${action} ${after.chart}`, changes) };
}

/** What a step would do, by a dry run of helm where chart or values differ, and by dry runs of the API server. */
export async function planRelease(visit: HelmVisit): Promise<DeployPlan> {
  const { context, history } = visit;
  const wanted = await wantedOf(visit);
  const last = (await history.list()).at(-1);
  if (last !== undefined && isPending(last))
    return {
      changes: [
        changeOf('update', `Release/${history.place.namespace}/${history.place.name}`, [
          `it is ${last.status}`,
        ]),
      ],
      summary: `${history.shown} is ${last.status}`,
    };
  await refuseFlux(last, visit);
  if (last === undefined || !isAsWanted(last, wanted)) return planUpgrade(wanted, last, visit);
  if (context.settings.driftOf === 'release')
    return { changes: [], summary: `revision ${last.version} of ${history.shown} is what is wanted` };
  const release = await history.read(last.version);
  const objects = await releaseObjects(release.manifest, history.place, visit);
  const changes = (await compareObjects(objects, context.settings.driftIgnore, visit)).flatMap(objectChange);
  const head = changes.length === 0 ? `nothing to change of ${objects.length} objects` : 'drift';
  return { changes, summary: summaryOf(head, changes) };
}
