import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { errnoOf } from '../../errors.ts';

/** A process, named so that another one can tell whether it still runs. */
export interface Owner {
  readonly pid: number;
  /** Clock ticks from boot to its start: a process id used again has another. `0` where the system does not say. */
  readonly started: string;
  /** 12 hex over boot and process-id namespace: only within the same one does `pid` mean anything. */
  readonly machine: string;
}

/** `unknown`: another machine, container or boot; the process cannot be seen from here. */
export type Liveness = 'alive' | 'dead' | 'unknown';

const read = (work: () => string): string => {
  try {
    return work();
  } catch {
    return ''; // no /proc: not Linux. The pid alone then has to do.
  }
};

/** @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: state is field 3, starttime field 22 */
function statOf(pid: number | 'self'): { readonly state: string; readonly started: string } | undefined {
  const text = read(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  // Field 2 is the program's name in parentheses and may hold anything, more parentheses too.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, started] = [fields[0], fields[19]];
  return state === undefined || started === undefined ? undefined : { state, started };
}

const machineOf = (): string => {
  const boot = read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim());
  const namespace = read(() => readlinkSync('/proc/self/ns/pid'));
  const identity = boot === '' ? hostname() : `${boot} ${namespace}`;
  return createHash('sha256').update(identity).digest('hex').slice(0, 12);
};

export const SELF: Owner = {
  pid: process.pid,
  started: statOf('self')?.started ?? '0',
  machine: machineOf(),
};

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}

/** Whether the process that `owner` names still runs. A zombie does not. */
export function livenessOf(owner: Owner): Liveness {
  if (owner.machine !== SELF.machine) return 'unknown';
  if (!isRunning(owner.pid)) return 'dead';
  const stat = statOf(owner.pid);
  if (stat === undefined) return 'alive';
  if (stat.state === 'Z' || stat.state === 'X') return 'dead';
  return owner.started === '0' || stat.started === owner.started ? 'alive' : 'dead';
}

/** 16 hexadecimal digits, of which 62 bits are random: UUIDs are made many at a time. */
export const randomToken = (): string => randomUUID().replaceAll('-', '').slice(-16);

const NAME = /^([1-9][0-9]{0,9})-([0-9]{1,20})-([0-9a-f]{12})-[0-9a-f]{16}$/;

/** The process with this id as it runs now; `started` is `0` where there is none. */
export const ownerOf = (pid: number): Owner => ({
  pid,
  started: statOf(pid)?.started ?? '0',
  machine: SELF.machine,
});

/** A name nobody else picks, that says who picked it: for what must be swept if its process dies. */
export const ownedName = ({ pid, started, machine }: Owner = SELF): string =>
  `${pid}-${started}-${machine}-${randomToken()}`;

/** Who made {@link ownedName}; undefined for any other name. */
export function ownerOfName(name: string): Owner | undefined {
  const [, pid, started, machine] = NAME.exec(name) ?? [];
  if (pid === undefined || started === undefined || machine === undefined) return undefined;
  return { pid: Number(pid), started, machine };
}
