import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { errnoOf } from '../../store/directory/filesystem-error.ts';

const LOOK_MS = 50;
/** How long what was killed may take to be gone: only a process within a system call of a broken disk needs it. */
const KILLED_MS = 1_000;

const isNumber = (name: string): boolean => /^[0-9]+$/.test(name);

/** @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: after the name come state, parent and group */
function isLivingMember(pid: string, leader: number): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, , group] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return group === String(leader) && state !== 'Z' && state !== 'X';
  } catch {
    return false; // It has ended since.
  }
}

/** Zombies count for kill(2), and where no init takes them they stay for good. */
function hasLivingMember(leader: number): boolean {
  try {
    return readdirSync('/proc').some((name) => isNumber(name) && isLivingMember(name, leader));
  } catch {
    return true; // no /proc: not Linux. What kill(2) says has to do.
  }
}

/** Whether anything that a command started still runs, but for what left its process group (setsid). */
export function isGroupAlive(leader: number): boolean {
  try {
    process.kill(-leader, 0);
  } catch (error) {
    if (errnoOf(error) !== 'EPERM') return false;
  }
  return hasLivingMember(leader);
}

function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch {
    // Gone, or somebody else's, which isGroupAlive tells.
  }
}

async function isGoneWithin(leader: number, milliseconds: number): Promise<boolean> {
  for (const end = performance.now() + milliseconds; performance.now() < end; await sleep(LOOK_MS))
    if (!isGroupAlive(leader)) return true;
  return !isGroupAlive(leader);
}

/** Asks a process group to end (SIGTERM), kills what is left of it after `graceMs`; false where even that did not do. */
export async function endGroup(leader: number, graceMs: number): Promise<boolean> {
  if (!isGroupAlive(leader)) return true;
  signalGroup(leader, 'SIGTERM');
  if (await isGoneWithin(leader, graceMs)) return true;
  signalGroup(leader, 'SIGKILL');
  return isGoneWithin(leader, KILLED_MS);
}
