import { asLandfallError } from '../errors.ts';
import type { Log } from '../log.ts';

/**
 * Lets work go on that nobody waits for. That it failed is an error of the log, and never the end of the process,
 * which is what Node makes of a rejection that nobody holds.
 * @param name what it is, as the log says it: `the schedule`
 */
export function background(name: string, work: Promise<unknown>, log: Log): void {
  work.catch((error: unknown) => {
    const { code, message, hint: next } = asLandfallError(error);
    log('error', `${name} ended by a failure; the rest goes on until a restart`, {
      code,
      error: message,
      next,
    });
  });
}
