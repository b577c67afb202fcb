import { printableLine } from '../printable.ts';
import type { Credential } from '../registry/client.ts';

/** Shorter ones stand in ordinary words, too: masking them would tell where they are. */
const SHORTEST = 6;
/** Tokens of clouds come and go; what was read last is what may still be printed. */
const KEPT = 2_000;

/** Of an address that is a secret: a shorter part is a word of it, such as `services`. */
const SHORTEST_OF_ADDRESS = 20;

/** What of an address lets somebody in: whoever it is of may answer with that part alone. */
function addressParts(secret: string): readonly string[] {
  const url = /^https?:\/\//i.test(secret) ? URL.parse(secret) : null;
  if (url === null) return [];
  const parts = [...url.pathname.split('/'), ...url.searchParams.values()];
  return [`${url.pathname}${url.search}`, ...parts].filter((part) => part.length >= SHORTEST_OF_ADDRESS);
}

/** A key of many lines is printed line by line, indented or not. */
const partsOf = (secret: string): readonly string[] =>
  [secret, ...secret.split('\n'), ...addressParts(secret)]
    .map((part) => part.trim())
    .filter((part) => part.length >= SHORTEST);

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64').replace(/=+$/, '');

const inJson = (part: string): string => JSON.stringify(part).slice(1, -1);

/** As it is, and as it stands in a URL, in JSON, in a header, and in a message, where what cannot be seen is escaped. */
const formsOf = (part: string): readonly string[] => [
  ...new Set([
    part,
    encodeURIComponent(part.toWellFormed()),
    inJson(part),
    base64(part),
    printableLine(part),
    printableLine(inJson(part)),
  ]),
];

/** Of each character, whether it is of a secret. They may overlap, and one be within another. */
export function coveredBy(text: string, secrets: Iterable<string>): Uint8Array {
  const marks = new Uint8Array(text.length);
  for (const secret of secrets) {
    for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + 1)) {
      marks.fill(1, at, at + secret.length);
    }
  }
  return marks;
}

/** The text from `from` on, each run of covered characters as `***`. */
export function masked(text: string, marks: Uint8Array, from = 0): string {
  let out = '';
  for (let at = from; at < text.length; at += 1) {
    if (marks[at] === 0) out += text[at];
    else if (marks[at + 1] !== 1) out += '***';
  }
  return out;
}

/** Secrets that this process has read, wherever they were: what it prints has none of them. */
export class KnownSecrets {
  readonly #forms = new Set<string>();
  readonly #kept: number;

  /** @param kept forms at most: the oldest are forgotten */
  constructor(kept = KEPT) {
    this.#kept = kept;
  }

  note(secret: string): void {
    for (const form of partsOf(secret).flatMap(formsOf)) {
      this.#forms.delete(form);
      this.#forms.add(form);
    }
    for (const oldest of this.#forms) {
      if (this.#forms.size <= this.#kept) return;
      this.#forms.delete(oldest);
    }
  }

  noteCredential(credential: Credential): void {
    if (credential.kind === 'basic') {
      this.note(credential.password);
      this.note(base64(`${credential.username}:${credential.password}`));
    } else if ('token' in credential) this.note(credential.token);
  }

  all(): readonly string[] {
    return [...this.#forms];
  }

  mask(text: string): string {
    const isHeld = this.#forms.values().some((form) => text.includes(form));
    return isHeld ? masked(text, coveredBy(text, this.#forms)) : text;
  }
}

/** Of this process: whoever prints asks it, whoever reads a secret tells it. */
export const knownSecrets = new KnownSecrets();
