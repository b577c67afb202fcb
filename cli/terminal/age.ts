import { formatAge } from '../../shared/age.ts';

/** How long ago; `-` where there is no such time. `time` is RFC 3339. */
export const ageSince = (time: string | null | undefined, now: number): string =>
  time ? formatAge(now - Date.parse(time)) : '-';

/** How long until then; `now` where it is over. */
export function timeUntil(time: string | null | undefined, now: number): string {
  if (!time) return '-';
  const left = Date.parse(time) - now;
  return left <= 0 ? 'now' : formatAge(left);
}
