import { formatTook } from '../age.ts';
import type { EventEnvelope } from '../model/envelope.ts';
import { formatSourceId } from '../model/ids.ts';
import { printable, printableLine, printableMessage } from '../printable.ts';
import { type CommitFacts, commitOf } from './commit.ts';
import type { FactName, Notification } from './notification.ts';

type Facts = Readonly<Partial<Record<FactName, string | number | null | undefined>>>;

/** Facts that are there, as text: each is one line, whoever wrote it. */
const factsOf = (facts: Facts): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(facts).flatMap(([name, value]) =>
      value === undefined || value === null || value === '' ? [] : [[name, printableLine(String(value))]],
    ),
  );

/** `6.9.2@sha256:1a2b3c4d`: enough to tell revisions apart. */
const short = (revision: string): string => revision.replace(/(sha\d{3}:[0-9a-f]{8})[0-9a-f]+$/, '$1');

type Words = Pick<Notification, 'state' | 'severity' | 'title' | 'text'> & {
  readonly deploy?: string;
  readonly facts: Facts;
};

/** A part may be the reason of a person or the message of an older version: none begins a line of its own. */
const lines = (...parts: readonly (string | null | undefined | false)[]): string =>
  parts
    .flatMap((part) => (typeof part === 'string' && part !== '' ? [printableMessage(part)] : []))
    .join('\n');

/** What is said of an event; undefined: nothing is. */
function wordsOf(event: EventEnvelope, source: string): Words | undefined {
  switch (event['detail-type']) {
    case 'Artifact Revision Changed': {
      const { revision, digest, generation, changes, previous } = event.detail;
      const { added, modified, removed } = changes;
      return {
        state: 'news',
        severity: 'info',
        title: `${source} is at ${short(revision)}`,
        text: `${added} files added, ${modified} modified, ${removed} removed`,
        facts: { revision, digest, generation, previous: previous?.revision },
      };
    }
    case 'Source Reconcile Failed': {
      const { code, message, hint, kind, revision, generation, attempts } = event.detail;
      const isStalled = kind === 'permanent';
      return {
        state: 'failing',
        severity: isStalled ? 'error' : 'warning',
        title: `${source} ${isStalled ? 'is stalled' : 'fails'}: ${code}`,
        text: lines(message, !isStalled && 'It is tried again by itself.'),
        facts: { code, next: hint, revision, generation, attempts },
      };
    }
    case 'Source Recovered': {
      const { failure, revision, generation } = event.detail;
      return {
        state: 'well',
        severity: 'info',
        title: `${source} is well again`,
        text: `It failed with ${failure.code} since ${failure.since}.`,
        facts: { code: failure.code, revision, generation, attempts: failure.attempts },
      };
    }
    // Whoever did it knows; what is left so is told after a day: left-suspended.ts.
    case 'Source Suspended':
    case 'Source Resumed':
      return undefined;
    case 'Deploy Failed': {
      const { deploy, kind, revision, digest, generation, failure, rolledBack, attempt, durationMs } =
        event.detail;
      const done = rolledBack ? 'was rolled back' : 'failed';
      return {
        deploy,
        state: 'failing',
        severity: 'error',
        title: `Deploy ${deploy} of ${source} ${done} at ${short(revision)}`,
        text: lines(
          `${failure.code}: ${failure.message}`,
          failure.kind === 'transient' && 'It is tried again by itself.',
        ),
        facts: {
          kind,
          revision,
          digest,
          generation,
          code: failure.code,
          next: failure.hint,
          attempts: attempt,
          duration: formatTook(durationMs),
        },
      };
    }
    case 'Deploy Succeeded': {
      const { deploy, kind, revision, digest, generation, durationMs } = event.detail;
      return {
        deploy,
        state: 'well',
        severity: 'info',
        title: `Deploy ${deploy} of ${source} is at ${short(revision)}`,
        text: '',
        facts: { kind, revision, digest, generation, duration: formatTook(durationMs) },
      };
    }
    case 'Deploy Started': {
      const { deploy, kind, revision, digest, generation, attempt } = event.detail;
      const title = `Deploy ${deploy} of ${source} begins with ${short(revision)}`;
      const facts = { kind, revision, digest, generation, attempts: attempt };
      return { deploy, state: 'pending', severity: 'info', title, text: '', facts };
    }
    case 'Deploy Waiting': {
      const { deploy, kind, revision, digest, generation, waitsFor, message, next, plan } = event.detail;
      const isAsked = waitsFor === 'approval';
      return {
        deploy,
        state: 'pending',
        severity: isAsked ? 'warning' : 'info',
        title: isAsked
          ? `Deploy ${deploy} of ${source} waits for approval of ${short(revision)}`
          : `Deploy ${deploy} of ${source} waits: ${waitsFor}`,
        text: lines(message, plan?.summary, isAsked && `landfall approve ${deploy} --source ${source}`),
        facts: { kind, revision, digest, generation, next },
      };
    }
    case 'Deploy Decided': {
      const { deploy, kind, revision, digest, generation, decision, by, reason } = event.detail;
      const title = `Deploy ${deploy} of ${source}: ${short(revision)} was ${decision}`;
      return {
        deploy,
        state: 'news',
        severity: 'info',
        title,
        text: lines(reason),
        facts: { kind, revision, digest, generation, by },
      };
    }
  }
}

/** What is told of an event. `annotations` are those of the artifact, where they are known. Pure. */
export function notificationOf(
  event: EventEnvelope,
  annotations: Readonly<Record<string, string>> = {},
): Notification | undefined {
  const { namespace, name } = event.detail;
  const source = formatSourceId({ namespace, name });
  const words = wordsOf(event, source);
  if (words === undefined) return undefined;
  const { deploy, facts, state, severity, title, text } = words;
  const commit: CommitFacts = commitOf(annotations);
  return {
    id: event.detail.id,
    subject: deploy === undefined ? source : `${deploy} of ${source}`,
    type: event['detail-type'],
    state,
    severity,
    title: printable(title.replace(/\s+/g, ' ')),
    text,
    facts: factsOf({ source, namespace, name, deploy, ...facts, ...commit }),
    at: event.time,
  };
}

/** What is told of a source that was left suspended for so many whole days. */
export function suspendedNotification(
  { namespace, name }: { readonly namespace: string; readonly name: string },
  { since, days, at }: { readonly since: string; readonly days: number; readonly at: string },
): Notification {
  const source = formatSourceId({ namespace, name });
  return {
    id: `${source}#suspended#${since}#${days}`,
    subject: `${source} suspended`,
    type: 'Source Suspended',
    state: 'news',
    severity: 'warning',
    title: `${source} has been suspended for ${days === 1 ? 'a day' : `${days} days`}`,
    text: `Nothing of it is looked at since ${since}.`,
    facts: factsOf({ source, namespace, name, next: `landfall resume ${source}` }),
    at,
  };
}
