import type { Log } from '../shared/log.ts';
import type { LoggedOnce } from '../shared/trigger/logged-once.ts';
import type { Received } from './receive.ts';

/**
 * Logs what a receiver was sent that is authentic and no push, so that whoever set it up sees why nothing happens: a
 * ping, an event that was not asked for, a form that is not known here. Each kind once an hour.
 */
export function reportUnread(log: Log, { receiver, code, seen }: Received, logged: LoggedOnce): void {
  if (seen === undefined) return;
  const turn = logged.take([receiver, code, seen.says, seen.keys].join('\n'));
  if (turn === 'logged') return;
  const more = turn === 'last' ? 'others are not told of for an hour' : undefined;
  log('info', 'webhook is no push', { receiver, code, ...seen, more });
}
