import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonic } from '../../clock.ts';
import { errnoOf } from '../../errors.ts';
import type { Owner } from '../../store/directory/owner.ts';

const LOOK_MS = 50;
/** How long what was killed may take to be gone: only a process within a system call of a broken disk needs it. */
const KILLED_MS = 1_000;

const isNumber = (name: string): boolean => /^[0-9]+$/.test(name);

/** What all that a run started has in its environment, also what left its process group (setsid). */
export const runMark = ({ pid, started }: Pick<Owner, 'pid' | 'started'>): string => `${pid}-${started}`;

/** The variable of the environment that has it. */
export const RUN_VARIABLE = 'LANDFALL_RUN';

interface Member {
  readonly pid: number;
  readonly inGroup: boolean;
}

function isMarked(pid: string, mark: string): boolean {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`.includes(`\0${RUN_VARIABLE}=${mark}\0`);
  } catch {
    return false; // Another user's, or it has ended since.
  }
}

/** @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: after the name come state, parent and group */
function memberOf(pid: string, leader: number, mark: string | undefined): readonly Member[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, , group] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return [];
    const inGroup = group === String(leader);
    return inGroup || (mark !== undefined && isMarked(pid, mark)) ? [{ pid: Number(pid), inGroup }] : [];
  } catch {
    return []; // It has ended since.
  }
}

/** Those that live; zombies count for kill(2), and where no init takes them they stay for good. Undefined: no /proc. */
function membersOf(leader: number, mark: string | undefined): readonly Member[] | undefined {
  try {
    return readdirSync('/proc')
      .filter(isNumber)
      .flatMap((pid) => memberOf(pid, leader, mark));
  } catch {
    return undefined;
  }
}

function isGroupThere(leader: number): boolean {
  try {
    process.kill(-leader, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}

/** Whether anything that a command started still runs. Without a mark, but for what left its process group. */
export function isGroupAlive(leader: number, mark?: string): boolean {
  const isThere = isGroupThere(leader);
  if (!isThere && mark === undefined) return false;
  // Without /proc, what kill(2) says has to do.
  return membersOf(leader, mark)?.some(() => true) ?? isThere;
}

function signalGroup(leader: number, signal: NodeJS.Signals, mark: string | undefined): void {
  const strays = mark === undefined ? [] : (membersOf(leader, mark) ?? []).filter(({ inGroup }) => !inGroup);
  for (const pid of [-leader, ...strays.map((stray) => stray.pid)])
    try {
      process.kill(pid, signal);
    } catch {
      // Gone, or somebody else's, which isGroupAlive tells.
    }
}

async function isGoneWithin(
  leader: number,
  milliseconds: number,
  mark: string | undefined,
): Promise<boolean> {
  for (const end = monotonic() + milliseconds; monotonic() < end; await sleep(LOOK_MS))
    if (!isGroupAlive(leader, mark)) return true;
  return !isGroupAlive(leader, mark);
}

/**
 * Asks a process group, and what has its mark, to end (SIGTERM), kills what is left of it after `graceMs`; false where even
 * that did not do.
 */
export async function endGroup(leader: number, graceMs: number, mark?: string): Promise<boolean> {
  if (!isGroupAlive(leader, mark)) return true;
  signalGroup(leader, 'SIGTERM', mark);
  if (await isGoneWithin(leader, graceMs, mark)) return true;
  signalGroup(leader, 'SIGKILL', mark);
  return isGoneWithin(leader, KILLED_MS, mark);
}
