import * as z from 'zod/mini';
import { HOLDS } from '../../model/deploy-holds.ts';
import { digestSchema as digest } from '../../model/digest-schema.ts';
import type { EventEnvelope } from '../../model/envelope.ts';
import { isEvent } from '../../model/parse-event.ts';
import { usedRevision } from '../../model/used-revision.ts';
import type { JsonValue } from '../kit/json-value.ts';

const positive = z.int().check(z.positive());
const count = z._default(z.int().check(z.nonnegative()), 0);
const json = z.json() as unknown as z.ZodMiniType<JsonValue>;
const absent = <T>(schema: z.ZodMiniType<T>) => z._default(z.nullable(schema), null);

/** What a ledger keeps of a revision. */
const revisionFacts = {
  generation: positive,
  revision: z.string(),
  digest,
  variant: z.string(),
  contentDigest: digest,
  /** Of other sources, where the document names any. */
  uses: z.optional(z.array(usedRevision)),
};

const applied = z.object({
  ...revisionFacts,
  at: z.string(),
  /** What the kind said of it, for a later plan, undo or remove. */
  result: z.optional(json),
});

/** Who applies now, and how long the others wait for them at most. */
const claim = z.object({
  by: z.string(),
  until: z.iso.datetime(),
  /** Absent in a claim of before it was kept. */
  since: z.optional(z.iso.datetime()),
  /** The leader of the process group that runs for it, where there is one. */
  runner: z.optional(z.string()),
});

/** Why something was given up, in words that are told again. */
const reason = z.object({
  code: z.string(),
  message: z.string(),
  /** What to do next; null in a ledger from before it was kept, where the code has to say. */
  hint: absent(z.string()),
});

/** What was begun at the target and has not ended. Over all its looks it is one run. */
const run = z.object({
  /** Of {@link runIdOf}. */
  id: z.string(),
  ...revisionFacts,
  attempt: positive,
  /**
   * `step`: the kind was asked to begin, and has not answered. `look`: what it named is looked at. `undo`: it is to be
   * taken back; `undoing`: that is looked at; `removing`: what it left is taken away.
   */
  phase: z.enum(['step', 'look', 'undo', 'undoing', 'removing']),
  progress: absent(json),
  message: absent(z.string()),
  waitsFor: absent(z.string()),
  /** A person is asked, and answers by approve or reject. */
  asks: z._default(z.boolean(), false),
  /** Not told to the kind yet. */
  answer: absent(
    z.object({
      decision: z.enum(['approved', 'rejected']),
      by: z.string(),
      at: z.iso.datetime(),
      reason: absent(z.string()),
    }),
  ),
  since: z.iso.datetime(),
  /** When it is given up. */
  until: z.iso.datetime(),
  /** When it is looked at again. */
  lookAt: absent(z.iso.datetime()),
  /** Looks in a row that failed for the moment. */
  misses: count,
  /** Of a run that is taken back. */
  failure: absent(reason),
  /** Of the replay that it answers. */
  token: absent(z.string()),
});

const planFields = {
  summary: z.string(),
  changes: z.array(
    z.object({
      action: z.enum(['create', 'update', 'replace', 'delete', 'run']),
      what: z.string(),
      why: z.optional(z.string()),
    }),
  ),
};

export const planSchema = z.object(planFields);

/** Why it has not begun with what is current, since when, and what it would do. */
const waiting = z.object({
  for: z.enum(HOLDS),
  generation: positive,
  revision: z.string(),
  digest,
  uses: z.optional(z.array(usedRevision)),
  since: z.iso.datetime(),
  message: z.string(),
  /** When it is looked at again, where time alone may end it. */
  next: absent(z.iso.datetime()),
  /** `more`: how many changes there are beside these. */
  plan: absent(z.object({ ...planFields, more: count })),
});

/** What a person said of a revision. */
const decision = z.object({
  decision: z.enum(['approved', 'rejected']),
  digest,
  by: z.string(),
  at: z.iso.datetime(),
  reason: absent(z.string()),
});

/** A revision that is left out until something newer comes. */
const skipped = z.object({ digest, by: z.string(), at: z.iso.datetime(), reason: absent(z.string()) });

/** What it takes to take away what was applied, once the deploy is in no document any more. */
const prunes = z.object({
  kind: z.string(),
  settings: z.record(z.string(), z.unknown()),
  labels: z._default(z.record(z.string(), z.string()), {}),
  timeoutMs: positive,
  role: absent(z.object({ arn: z.string(), externalId: z.optional(z.string()) })),
  region: absent(z.string()),
});

/** How the target stood beside what was applied, when they were last compared. */
const compared = z.object({
  at: z.iso.datetime(),
  /** What differs; null: they could not be. */
  changes: z.nullable(z.int().check(z.nonnegative())),
  summary: z.string(),
});

/** A person's wish to have what is current applied once more: see replay.ts. */
const replay = z.object({
  token: z.string(),
  /** What was current when it was asked for: nothing older is meant. */
  generation: positive,
  /** The generation that had been applied then, 0 for none: once another is, this may not go back behind it. */
  over: z.int().check(z.nonnegative()),
  at: z.string(),
});

const failure = z.object({
  generation: positive,
  ...reason.shape,
  kind: z.enum(['permanent', 'transient']),
  attempts: positive,
  at: z.string(),
  /** When it is tried again; null where nobody has said. */
  next: absent(z.string()),
  /** Of the document that it failed under. */
  spec: absent(z.string()),
  /** The target is back at what it had. */
  isRolledBack: z._default(z.boolean(), false),
});

export const ledgerSchema = z.object({
  formatVersion: z.literal(1),
  deploy: z.string(),
  namespace: z.string(),
  name: z.string(),
  /** Of the deploy; null before it was run, and in a ledger of before it was kept. */
  kind: absent(z.string()),
  /** When its first run began: what had this name before, and was removed, had other runs. Null before, and in a ledger of before it was kept. */
  born: absent(z.iso.datetime()),
  /** What runs now; null before the first success. */
  applied: z.nullable(applied),
  /** The generation whose deployer was started and is not known to have ended: it may have done anything. */
  started: absent(positive),
  /** Keeps a second worker out while a deployer runs. */
  claim: absent(claim),
  run: absent(run),
  waiting: absent(waiting),
  prunes: absent(prunes),
  compared: absent(compared),
  decision: absent(decision),
  skipped: z._default(z.array(skipped), []),
  replay: absent(replay),
  /** The last try that failed, until a later one succeeds. */
  failure: z.nullable(failure),
  /** Deploy events not yet sent. */
  outbox: z.array(z.custom<EventEnvelope>(isEvent, 'not an event')),
});

/** What a deploy has applied of a source, replaced by compare-and-swap. */
export type Ledger = z.infer<typeof ledgerSchema>;
export type LedgerWaiting = NonNullable<Ledger['waiting']>;
export type LedgerRun = NonNullable<Ledger['run']>;
