import { type Clock, steadyNow } from '../../clock.ts';
import type { Credential } from '../../registry/client.ts';
import type { Environment } from '../secret.ts';
import { askProgram, type ProgramInput } from './credential-program.ts';

/** ECR's tokens live for 12 hours, the shortest we know of for 5 minutes. */
export const PROGRAM_ANSWER_MS = 4 * 60_000;

interface Answer {
  readonly credential: Promise<Credential | undefined>;
  readonly until: number;
}

/** Asks each credential program once for a server, however many repositories wait, and again when that is old. */
export class ProgramCache {
  readonly #env: Environment;
  readonly #clock: Pick<Clock, 'now' | 'steady'>;
  readonly #answers = new Map<string, Answer>();

  constructor(env: Environment, clock: Pick<Clock, 'now' | 'steady'>) {
    this.#env = env;
    this.#clock = clock;
  }

  /** @throws LandfallError CREDENTIAL_UNREADABLE; a failure is not kept */
  ask(input: ProgramInput): Promise<Credential | undefined> {
    const key = `${input.name} ${input.server}`;
    const known = this.#answers.get(key);
    if (known !== undefined && steadyNow(this.#clock) < known.until) return known.credential;
    const credential = askProgram(input, this.#env);
    credential.catch(() => this.#answers.delete(key));
    this.#answers.set(key, { credential, until: steadyNow(this.#clock) + PROGRAM_ANSWER_MS });
    return credential;
  }
}
