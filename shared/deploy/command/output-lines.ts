import { coveredBy, masked } from '../../credentials/known-secrets.ts';
import { RUN_LOG_CHARACTERS } from '../../limits.ts';

/** Of a line without end: a secret that is cut here is beyond what the log shows. */
const MOST = 4 * RUN_LOG_CHARACTERS;

/** What a program writes, line by line, each without the secrets. */
export class OutputLines {
  readonly #log: (line: string) => void;
  readonly #secrets: readonly string[];
  #rest = '';

  constructor(log: (line: string) => void, secrets: readonly string[]) {
    this.#log = log;
    this.#secrets = secrets;
  }

  write(text: string): void {
    const [first = '', ...others] = text.split('\n');
    this.#rest = (this.#rest + first).slice(0, MOST);
    for (const line of others) {
      this.end();
      this.#rest = line.slice(0, MOST);
    }
  }

  /** What is there of the last line. */
  end(): void {
    const line = this.#rest.trimEnd();
    this.#rest = '';
    if (line !== '') this.#log(masked(line, coveredBy(line, this.#secrets)));
  }
}
