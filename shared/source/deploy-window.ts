import { Cron } from 'croner';
import { LandfallError } from '../errors.ts';

/** When a deploy may begin, or may not: from each time of `cron`, for so long. */
export interface DeployWindow {
  readonly is: 'allow' | 'deny';
  /** Five fields: minute, hour, day of the month, month, day of the week. */
  readonly cron: string;
  /** An IANA name. */
  readonly timeZone: string;
  readonly forMs: number;
}

/** Whether it may begin now; and if not, when to look again: the next opening, or a time before it. */
export type WindowState =
  | { readonly isOpen: true }
  | { readonly isOpen: false; readonly next: number | null };

/** Of windows that are looked at each time their deploy is. */
const CRONS = new WeakMap<object, Cron>();

function cronOf(window: Pick<DeployWindow, 'cron' | 'timeZone'>): Cron {
  const known = CRONS.get(window);
  if (known !== undefined) return known;
  const made = new Cron(window.cron, { timezone: window.timeZone, mode: '5-part', paused: true });
  CRONS.set(window, made);
  return made;
}

/** @throws LandfallError CONFIG_INVALID */
export function checkWindow(window: Pick<DeployWindow, 'cron' | 'timeZone'>): void {
  const { cron, timeZone } = window;
  const refused = (why: string): LandfallError =>
    new LandfallError('CONFIG_INVALID', `wanted ${why}, got ${JSON.stringify(`${cron} ${timeZone}`)}`);
  let next: Date | null;
  try {
    next = cronOf(window).nextRun();
  } catch {
    throw refused(
      'five fields of cron and the IANA name of a time zone, e.g. 0 9 * * mon-fri in Europe/Berlin',
    );
  }
  if (next === null) throw refused('a time that comes');
}

/** Steps of a search through windows that close one another. What is not found is looked for again from there. */
const STEPS = 2_000;

interface Timed extends DeployWindow {
  readonly times: Cron;
}

/** When a window that is open at `at` closes; undefined where it is not. */
function closes({ times, forMs }: Timed, at: number): number | undefined {
  const began = times.previousRuns(1, new Date(at + 1))[0]?.getTime();
  return began === undefined || at >= began + forMs ? undefined : began + forMs;
}

/**
 * A deploy may begin where no window that denies is open, and one that allows is, should there be any.
 * @param now milliseconds since the epoch
 */
export function windowState(windows: readonly DeployWindow[], now: number): WindowState {
  const timed = windows.map((window) => ({ ...window, times: cronOf(window) }));
  const denies = timed.filter(({ is }) => is === 'deny');
  const allows = timed.filter(({ is }) => is === 'allow');
  let at = now;
  for (let step = 0; step < STEPS; step += 1) {
    const denied = denies.flatMap((window) => closes(window, at) ?? []);
    const isAllowed = allows.length === 0 || allows.some((window) => closes(window, at) !== undefined);
    if (denied.length === 0 && isAllowed) return at === now ? { isOpen: true } : { isOpen: false, next: at };
    if (denied.length > 0) {
      at = Math.max(...denied);
      continue;
    }
    const opens = allows.flatMap(({ times }) => times.nextRun(new Date(at))?.getTime() ?? []);
    if (opens.length === 0) return { isOpen: false, next: null };
    at = Math.min(...opens);
  }
  return { isOpen: false, next: at };
}
