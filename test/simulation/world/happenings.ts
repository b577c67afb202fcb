import { collectGarbage } from '../../../functions/collect.ts';
import { decideDeploy } from '../../../shared/deploy/ledger/decide.ts';
import type { Ledger } from '../../../shared/deploy/ledger/ledger.ts';
import { requestReplay } from '../../../shared/deploy/replay.ts';
import type { Trigger } from '../../../shared/model/detail-type.ts';
import { formatSourceId } from '../../../shared/model/ids.ts';
import { rollback } from '../../../shared/reconcile/rollback.ts';
import { resume, suspend } from '../../../shared/reconcile/suspend.ts';
import type { DeployEntry } from '../../../shared/source/deploy-entry.ts';
import type { Source } from '../../../shared/source/source.ts';
import { ledgerKey } from '../../../shared/store/layout.ts';
import { readStatus } from '../../../shared/store/status-store.ts';
import type { Life } from '../engine/scheduler.ts';
import { ENTRIES, SOURCES } from './documents.ts';
import type { Fault } from './plan.ts';
import type { Platform } from './platform.ts';
import type { World } from './world.ts';

const HOUR_MS = 3_600_000;
const SLEEPS_MS = [60_000, 400_000, 2 * HOUR_MS, 26 * HOUR_MS] as const;

const DENIED_MS = [20_000, 300_000] as const;

type Happening = (world: World, platform: Platform) => void;

const sourceIn = ({ random }: World): Source => random.pick(SOURCES);

/** A person at a terminal, who sees it where something fails, and leaves it at that. */
function person(world: World, what: string, work: (life: Life) => Promise<unknown>): void {
  world.scheduler.start('person', async (life) => {
    world.scheduler.story.tell(life.name, what);
    await work(life).catch(() => undefined);
  });
}

const push: Happening = (world, platform) => pushTo(world, platform, sourceIn(world));

/** Something new, whatever is wrong with it. */
export function pushTo(world: World, platform: Platform, source: Source): void {
  const { random, plan, scheduler } = world;
  const faults: readonly Fault[] =
    source.verify === undefined ? ['leaves'] : ['leaves', 'unsigned', 'forged'];
  const fault = random.chance(0.25) ? random.pick(faults) : undefined;
  const digest = plan.push(source, fault);
  scheduler.story.tell('registry', `${formatSourceId(source)} is ${digest.slice(0, 15)}`, fault);
  if (random.chance(0.6)) trigger(world, platform, source, 'webhook');
}

function trigger({ plan, scheduler }: World, platform: Platform, source: Source, by: Trigger): void {
  const { namespace, name } = source;
  if (by === 'request') plan.asked.set(formatSourceId(source), scheduler.time.now());
  scheduler.start(by, async (life) => {
    await platform
      .queueFor(life)
      .enqueue([{ namespace, name, trigger: by }])
      .catch(() => undefined);
  });
}

function moveTag(world: World): void {
  const { random, plan, scheduler } = world;
  const source = sourceIn(world);
  const known = (plan.heads.get(formatSourceId(source)) ?? []).flatMap(({ digest }) => digest ?? []);
  if (known.length === 0) return;
  const digest = random.pick(known);
  plan.move(source, digest);
  scheduler.story.tell('registry', `a tag of ${formatSourceId(source)} moves to ${digest.slice(0, 15)}`);
}

function deleteTag(world: World): void {
  const source = sourceIn(world);
  world.plan.delete(source);
  world.scheduler.story.tell('registry', `a tag of ${formatSourceId(source)} is deleted`);
}

function decide(world: World, platform: Platform): void {
  const { random } = world;
  const { name: deploy, source } = random.pick(
    [ENTRIES[1], ...ENTRIES].filter((entry) => entry !== undefined),
  );
  const decision = random.chance(0.75)
    ? 'approved'
    : random.pick(['rejected', 'skipped', 'unskipped'] as const);
  person(world, `${decision} ${deploy}`, async (life) =>
    decideNow(world, platform, life, { deploy, source, decision }),
  );
}

/** Of what is current, as somebody who looked a moment ago means it. */
export async function decideNow(
  world: World,
  { isNear }: Platform,
  life: Life,
  {
    deploy,
    source,
    decision,
  }: {
    readonly deploy: string;
    readonly source: string;
    readonly decision: 'approved' | 'rejected' | 'skipped' | 'unskipped';
  },
): Promise<void> {
  const store = world.store(life, isNear);
  const [namespace = '', name = ''] = source.split('/');
  const revision = (await readStatus(store.objects, { namespace, name }))?.status.current?.digest;
  const request = { namespace, name, deploy, decision, revision, by: 'ada', reason: null };
  await decideDeploy(request, { store, clock: life.clock, origin: world.origin });
}

function replay(world: World, { isNear }: Platform): void {
  const { random } = world;
  const { name: deploy, source } = random.pick(ENTRIES);
  const [namespace = '', name = ''] = source.split('/');
  const token = String(random.next());
  person(world, `replay ${deploy}`, (life) =>
    requestReplay(
      { namespace, name, deploy, token },
      { store: world.store(life, isNear), clock: life.clock, origin: world.origin },
    ),
  );
}

function suspendOrResume(world: World, { isNear }: Platform): void {
  const source = sourceIn(world);
  const isSuspending = world.random.chance(0.3);
  person(world, `${isSuspending ? 'suspend' : 'resume'} ${formatSourceId(source)}`, (life) => {
    const deps = { objects: world.store(life, isNear).objects, clock: life.clock };
    return isSuspending ? suspend(source, deps) : resume(source, deps);
  });
}

function rollBack(world: World, { isNear }: Platform): void {
  const source = sourceIn(world);
  const skip = world.random.chance(0.5);
  person(world, `rollback ${formatSourceId(source)}${skip ? ' --skip' : ''}`, async (life) => {
    const store = world.store(life, isNear);
    const { history = [] } = (await readStatus(store.objects, source))?.status ?? {};
    const to = history[0]?.digest;
    if (to === undefined) return;
    const { namespace, name } = source;
    await rollback(
      { namespace, name, to, skip },
      { store, clock: life.clock, origin: world.origin, bus: world.bus(life) },
    );
  });
}

/** Somebody is at its first step, as its ledger says. */
function isBeginning({ objects, scheduler }: World, { name, source }: DeployEntry): boolean {
  const [namespace = '', of = ''] = source.split('/');
  const bytes = objects.get(ledgerKey(name, { namespace, name: of }));
  if (bytes === undefined) return false;
  const { claim, run }: Pick<Ledger, 'claim' | 'run'> = JSON.parse(Buffer.from(bytes).toString());
  return claim !== null && run?.phase === 'step' && Date.parse(claim.until) > scheduler.time.now();
}

/** A deploy goes from the documents, or comes back. */
function editDocuments(world: World, platform: Platform): void {
  const { random, plan, targets } = world;
  const { name } = random.pick(ENTRIES);
  const hasLeft = targets.get(name)?.standing() != null;
  if (plan.absent.has(name) || random.chance(hasLeft ? 0.6 : 0.15)) toggle(world, platform, name);
}

function toggle({ plan, scheduler }: World, platform: Platform, name: string): void {
  plan.toggle(name);
  scheduler.story.tell('documents', `${name} is ${plan.absent.has(name) ? 'taken out' : 'put back'}`);
  platform.documentsChanged();
}

/** Whoever sees a deploy begin that should not takes it out: its removal meets who is at it. */
function takeOutBegun(world: World, platform: Platform): void {
  const { random, plan, targets } = world;
  const begun = plan
    .entries()
    .filter((each) => targets.get(each.name)?.standing() != null && isBeginning(world, each));
  if (begun.length > 0) toggle(world, platform, random.pick(begun).name);
}

function drift({ random, targets, scheduler }: World): void {
  const target = random.pick([...targets.values()]);
  if (target.current === null) return;
  target.hasDrifted = true;
  scheduler.story.tell('somebody', `changes what ${target.deploy} left, by hand`);
}

function sleepLong(world: World, platform: Platform): void {
  const { random, scheduler } = world;
  const milliseconds = random.pick(SLEEPS_MS);
  // Nobody is stopped in the middle for an hour, and goes on.
  if (milliseconds >= HOUR_MS) scheduler.killAll('everything stops');
  scheduler.story.tell('time', `${milliseconds / 60_000} minutes pass`);
  scheduler.time.advanceTo(scheduler.time.now() + milliseconds);
  if (milliseconds >= HOUR_MS) collect(world, platform);
}

function collect(world: World, { isNear }: Platform): void {
  if (world.scheduler.alive('collect') > 0) return;
  world.scheduler.start('collect', async (life) => {
    await collectGarbage({}, { store: world.store(life, isNear), clock: life.clock, log: world.log });
  });
}

/** What was signed has run out, or its clock is wrong: as S3 says it. */
function denyStorage({ random, server, scheduler }: World): void {
  const milliseconds = random.pick(DENIED_MS);
  server.deniesUntil = scheduler.time.now() + milliseconds;
  scheduler.story.tell('storage', `denies everything for ${milliseconds / 1000} s`);
}

function killOne(world: World): void {
  world.scheduler.killAny('somebody pulls the plug');
}

const request: Happening = (world, platform) => trigger(world, platform, sourceIn(world), 'request');
const repeat: Happening = (world, platform) => trigger(world, platform, sourceIn(world), 'webhook');

/** What may happen, and how often beside each other. */
const TABLE: readonly (readonly [weight: number, happening: Happening])[] = [
  [6, push],
  [3, moveTag],
  [2, deleteTag],
  [3, repeat],
  [2, request],
  [8, decide],
  [3, replay],
  [3, suspendOrResume],
  [2, rollBack],
  [6, editDocuments],
  [6, takeOutBegun],
  [3, drift],
  [2, sleepLong],
  [2, collect],
  [1, denyStorage],
  [2, killOne],
];
const WEIGHT = TABLE.reduce((sum, [weight]) => sum + weight, 0);

export function happen(world: World, platform: Platform): void {
  let left = world.random.next() * WEIGHT;
  for (const [weight, happening] of TABLE) {
    left -= weight;
    if (left >= 0) continue;
    happening(world, platform);
    return;
  }
}
