import { coveredBy, masked } from '../../credentials/known-secrets.ts';
import type { Environment } from '../../credentials/secret.ts';

/** Shorter ones stand in ordinary words, too, and would be found out by what is left around them. */
const SHORTEST = 8;

/** Names that say that the value is a secret; an author, a folder and a socket are none. */
const SECRET_NAME =
  /PASS(?!IVE)|_PWD$|TOKEN|SECRET|KEY|CREDENTIAL|PRIVATE|SIGNATURE|WEBHOOK|AUTH(?!ORS?(_|$)|_SOCK$)/i;

/** What gives a registry its access; where it is and how it is reached is no secret. */
const REGISTRY_NAME = /^(LANDFALL|KLUCTL)_REGISTRY/i;
const REGISTRY_PLACE = /_(HOST|REPOSITORY|LOCAL|PLAIN_HTTP|INSECURE_SKIP_TLS_VERIFY|\w+_FILE)$/i;

const isSecret = (name: string): boolean =>
  REGISTRY_NAME.test(name) ? !REGISTRY_PLACE.test(name) : SECRET_NAME.test(name);

/** A key of many lines is printed line by line, indented or not. */
const partsOf = (value: string): readonly string[] =>
  [value, ...value.split('\n')].map((part) => part.trim()).filter((part) => part.length >= SHORTEST);

/** The secrets an environment holds, as far as the names of its variables tell. */
export const secretsIn = (env: Environment): readonly string[] => [
  ...new Set(Object.entries(env).flatMap(([name, value = '']) => (isSecret(name) ? partsOf(value) : []))),
];

/** The end of what is written to it, without the secrets: each is `***`, also one that the cut goes through. */
export class MaskedTail {
  readonly #secrets: readonly string[];
  readonly #characters: number;
  /** Enough before the end that a secret which reaches into it is here as a whole. */
  readonly #kept: number;
  #text = '';

  constructor(characters: number, secrets: readonly string[]) {
    this.#characters = characters;
    this.#secrets = secrets;
    this.#kept = secrets.reduce((most, { length }) => Math.max(most, length), 0) + characters;
  }

  write(text: string): void {
    this.#text = (this.#text + text).slice(-this.#kept);
  }

  read(): string {
    const text = this.#text;
    const tail = masked(text, coveredBy(text, this.#secrets), Math.max(0, text.length - this.#characters));
    return tail.slice(-this.#characters);
  }
}
