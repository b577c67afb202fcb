import { type Clock, timestamp } from '../../clock.ts';
import { knownSecrets } from '../../credentials/known-secrets.ts';
import { RUN_LOG_CHARACTERS, RUN_LOG_LINES } from '../../limits.ts';
import { printable } from '../../printable.ts';

export interface RunLogLine {
  /** RFC 3339. */
  readonly at: string;
  readonly line: string;
}

/** Keeps the last lines of a run: masked, one line each, of bounded length. */
export class RunLog {
  readonly #clock: Clock;
  #lines: RunLogLine[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  write(line: string): void {
    // A line break would begin a line that nobody has said, at a time that is not told.
    const masked = printable(knownSecrets.mask(line).replaceAll(/[\n\t]/g, ' ')).slice(0, RUN_LOG_CHARACTERS);
    this.#lines.push({ at: timestamp(this.#clock), line: masked });
    if (this.#lines.length > 2 * RUN_LOG_LINES) this.#lines = this.#lines.slice(-RUN_LOG_LINES);
  }

  /** What is not kept yet, oldest first. */
  read(): readonly RunLogLine[] {
    return this.#lines.slice(-RUN_LOG_LINES);
  }

  /** These are kept. */
  kept(lines: readonly RunLogLine[]): void {
    const last = lines.at(-1);
    if (last !== undefined) this.#lines = this.#lines.slice(this.#lines.lastIndexOf(last) + 1);
  }
}
