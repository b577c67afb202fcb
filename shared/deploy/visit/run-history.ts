import * as z from 'zod/mini';
import { type Clock, timestamp } from '../../clock.ts';
import { asLandfallError } from '../../errors.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { RUN_LOG_LINES } from '../../limits.ts';
import type { SourceId } from '../../model/ids.ts';
import { usedRevision, usesOf } from '../../model/used-revision.ts';
import type { UpdateOptions } from '../../store/compare-and-swap.ts';
import { type DocumentKind, parseDocument, updateDocument } from '../../store/document.ts';
import { runsKey } from '../../store/layout.ts';
import type { ObjectStore } from '../../store/object-store.ts';
import type { LedgerId } from '../ledger/ledger.ts';
import type { LedgerRun } from '../ledger/ledger-schema.ts';
import type { DeployOutcome } from './deploy-request.ts';
import type { DeploySpec } from './deployer.ts';
import type { RunLog, RunLogLine } from './run-log.ts';

const keptRun = z.object({
  id: z.string(),
  generation: z.int(),
  revision: z.string(),
  /** Of other sources. */
  uses: z.optional(z.array(usedRevision)),
  attempt: z.int(),
  state: z.enum(['Running', 'Succeeded', 'Failed', 'RolledBack']),
  since: z.string(),
  /** Null while it is under way. */
  ended: z.nullable(z.string()),
  message: z.nullable(z.string()),
  log: z.array(z.object({ at: z.string(), line: z.string() })),
});

/** One run, as people look at it. */
export type KeptRun = z.infer<typeof keptRun>;

const historySchema = z.object({ formatVersion: z.literal(1), runs: z.array(keptRun) });
type RunHistory = z.infer<typeof historySchema>;

const KIND: DocumentKind<RunHistory> = {
  what: "a deploy's last runs",
  schema: historySchema,
  hint: 'Delete it: only the logs of past runs are in it.',
};

const DEFAULT_RUNS = 10;
const UPDATE_ATTEMPTS = 5;

const NONE: RunHistory = { formatVersion: 1, runs: [] };

/** What cannot be read is kept no longer, as only logs are in it. @throws LandfallError STORE_VERSION */
function soundRuns(key: string, bytes: Uint8Array): RunHistory {
  try {
    return parseDocument(KIND, key, bytes);
  } catch (error) {
    if (asLandfallError(error).code === 'STORE_CORRUPT') return NONE;
    throw error;
  }
}

/** The last runs of a deploy, oldest first. @throws LandfallError STORE_CORRUPT, STORE_VERSION */
export async function readRuns(
  objects: Pick<ObjectStore, 'get'>,
  deploy: string,
  id: SourceId,
  options?: CallOptions,
): Promise<readonly KeptRun[]> {
  const key = runsKey(deploy, id);
  const stored = await objects.get(key, options);
  return stored === undefined ? [] : parseDocument(KIND, key, stored.bytes).runs;
}

/** How a run stands. */
type RunStanding = Pick<KeptRun, 'state' | 'message'>;

/** What an outcome says of its run. */
export function standingOfRun(outcome: DeployOutcome): RunStanding {
  switch (outcome.outcome) {
    case 'failed': {
      const { isRolledBack, error } = outcome;
      return {
        state: isRolledBack === true ? 'RolledBack' : 'Failed',
        message: `${error.code}: ${error.message}`,
      };
    }
    case 'running':
      return { state: 'Running', message: outcome.message };
    default:
      return { state: 'Succeeded', message: null };
  }
}

interface VisitedRun {
  readonly entry: Pick<DeploySpec, 'name' | 'history'>;
  readonly run: LedgerRun;
  readonly standing: RunStanding;
  readonly log: RunLog;
}

interface KeepDeps {
  readonly clock: Clock;
  readonly store: { readonly objects: ObjectStore };
  readonly id: LedgerId;
}

/** What becomes of the runs with one visit more. Pure. */
function withVisit(
  runs: readonly KeptRun[],
  { entry, run, standing }: VisitedRun,
  { at, said }: { readonly at: string; readonly said: readonly RunLogLine[] },
): readonly KeptRun[] {
  const { id, generation, revision, attempt, since } = run;
  const before = runs.find((each) => each.id === id);
  const { state, message } = standing;
  // Of a message of many lines, as of a program's last words, the log has one as it has of everything.
  const line = `${state}: ${message?.replaceAll(/\n */g, ' ')}`;
  const told = message === null || message === before?.message ? [] : [{ at, line }];
  const lines = [...(before?.log ?? []), ...said, ...told].slice(-RUN_LOG_LINES);
  const ended = state === 'Running' ? null : at;
  const next = {
    id,
    generation,
    revision,
    ...usesOf(run),
    attempt,
    state,
    since,
    ended,
    message,
    log: lines,
  };
  return [...runs.filter((each) => each.id !== id), next].slice(-(entry.history ?? DEFAULT_RUNS));
}

/** Keeps what a visit said. The run is what counts: where its log cannot be kept, that is all that is lost. */
export async function keepRun(
  visited: VisitedRun,
  { clock, store, id }: KeepDeps,
  options: UpdateOptions,
): Promise<void> {
  const { objects } = store;
  const { deploy } = id;
  const key = runsKey(deploy, id);
  const said = visited.log.read();
  const read = async () => {
    const stored = await objects.get(key, options);
    return { document: stored === undefined ? NONE : soundRuns(key, stored.bytes), version: stored?.version };
  };
  const change = ({ runs }: RunHistory): RunHistory => ({
    formatVersion: 1,
    runs: [...withVisit(runs, visited, { at: timestamp(clock), said })],
  });
  await updateDocument({ objects, key, read, change, attempts: UPDATE_ATTEMPTS, ...options }).then(
    () => visited.log.kept(said),
    () => undefined,
  );
}

const LIVE_MS = 1_000;

/** Keeps what a run says while it says it, for who follows it. What it returns ends that, and waits for the last write. */
export function keepLive(
  visited: Omit<VisitedRun, 'standing'>,
  deps: KeepDeps,
  options: UpdateOptions,
): () => Promise<void> {
  let writing = Promise.resolve();
  const standing = { state: 'Running', message: null } as const;
  const timer = setInterval(() => {
    if (visited.log.read().length > 0)
      writing = writing.then(() => keepRun({ ...visited, standing }, deps, options));
  }, LIVE_MS).unref();
  return () => {
    clearInterval(timer);
    return writing;
  };
}
