import { isLandfallError } from '../../errors.ts';
import type { RemoveContext } from '../kit/deploy-context.ts';
import type { StackEvents, StackEventView } from './cloudformation.ts';

/** Pages of a hundred that one look reads: what is older is of an earlier look, or of none. */
const PAGES = 10;

const STACK = 'AWS::CloudFormation::Stack';
const NESTED_DEEP = 3;

/** Newest first, back to the first that is none of them. */
async function eventsBackTo(
  events: StackEvents,
  stack: string,
  isOf: (event: StackEventView) => boolean,
): Promise<readonly StackEventView[]> {
  const found: StackEventView[] = [];
  let pages = 0;
  for await (const page of events.ofStack(stack)) {
    pages += 1;
    const end = page.findIndex((event) => !isOf(event));
    found.push(...(end < 0 ? page : page.slice(0, end)));
    if (end >= 0 || pages === PAGES) break;
  }
  return found;
}

const clock = (at: number): string => new Date(at).toISOString().slice(11, 19);

const formatEvent = ({ at, status, type, logicalId, reason }: StackEventView): string =>
  `${clock(at)} ${status} ${type} ${logicalId}${reason === '' ? '' : `: ${reason}`}`;

/** That events cannot be read, or not now, is no failure of a deploy. @see https://github.com/aws/aws-cdk-cli/issues/1777 */
async function unlessRefused<T>(work: () => Promise<T>, otherwise: (why: string) => T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isLandfallError(error) || error.code === 'CANCELLED') throw error;
    return otherwise(error.message);
  }
}

interface OfRun {
  readonly stack: string;
  readonly seen: string | null;
}

/** Writes what the stack told since the last look into the run's log, oldest first. Returns the last that is there. */
export const logEvents = (
  { runId, log }: Pick<RemoveContext<object>, 'runId' | 'log'>,
  events: StackEvents,
  { stack, seen }: OfRun,
): Promise<string | null> =>
  unlessRefused(
    async () => {
      const isNew = ({ id, token }: StackEventView): boolean => token === runId && id !== seen;
      const found = await eventsBackTo(events, stack, isNew);
      for (const event of found.toReversed()) log(formatEvent(event));
      return found[0]?.id ?? seen;
    },
    (why) => {
      log(`events of the stack are not read: ${why}`);
      return seen;
    },
  );

const isCause = ({ status, reason }: StackEventView): boolean =>
  status.endsWith('_FAILED') && !/cancelled/i.test(reason);

/** The oldest failure that is not the end of another: of a nested stack, what failed in it. */
async function causeIn(
  events: StackEvents,
  {
    stack,
    isOf,
    depth,
  }: {
    readonly stack: string;
    readonly isOf: (event: StackEventView) => boolean;
    readonly depth: number;
  },
): Promise<StackEventView | undefined> {
  const found = await eventsBackTo(events, stack, isOf);
  const oldest = found.findLast(isCause);
  if (oldest === undefined || oldest.type !== STACK || oldest.physicalId === stack || depth === 0)
    return oldest;
  const began = found.at(-1)?.at ?? 0;
  const inside = {
    stack: oldest.physicalId,
    isOf: ({ at }: StackEventView) => at >= began,
    depth: depth - 1,
  };
  return (await causeIn(events, inside)) ?? oldest;
}

/** Why an operation of ours failed, as a person reads it; undefined where nobody can tell. */
export const rootCause = (
  { runId }: Pick<RemoveContext<object>, 'runId'>,
  events: StackEvents,
  stack: string,
): Promise<string | undefined> =>
  unlessRefused(
    async () => {
      const isOf = ({ token }: StackEventView): boolean => token === runId;
      const cause = await causeIn(events, { stack, isOf, depth: NESTED_DEEP });
      return cause && `${cause.type} ${cause.logicalId}: ${cause.reason}`;
    },
    (why) => `(the events of the stack, which say why, are not read: ${why})`,
  );

/** What was wrong with a change set: its own reason, and what the events say more of it. */
export const changeSetCause = (
  events: StackEvents,
  { id, reason }: { readonly id: string; readonly reason: string },
): Promise<string> =>
  unlessRefused(
    async () => [reason, ...(await events.ofChangeSet(id))].join('; '),
    (why) => `${reason} (its events, which may say more, are not read: ${why})`,
  );
