import { KnownSecrets, knownSecrets } from '../../../credentials/known-secrets.ts';
import type { JsonObject } from '../../../kernel/json.ts';
import { textAt, valueAt } from '../cluster-object.ts';

/** Of a megabyte, and never printed: https://helm.sh/docs/topics/advanced/#storage-backends */
const RELEASE = 'helm.sh/release.v1';

/** Also of one that is no Secret as it is to be: it is refused with what it holds. */
const textsOf = (value: unknown): readonly string[] =>
  typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [String(value)];

/**
 * Values of the Secrets that a visit sends and is sent. The API server repeats in a message what it refuses: it has none of
 * them. Of one visit, since an artifact may have more of them than this process has of its own.
 */
export class ClusterSecrets {
  readonly #known = new KnownSecrets(Number.POSITIVE_INFINITY);

  /** Of a Secret; of all else, nothing. */
  note(object: JsonObject): void {
    if (textAt(object, 'kind') !== 'Secret' || textAt(object, 'type') === RELEASE) return;
    for (const value of textsOf(valueAt(object, 'stringData'))) this.#known.note(value);
    for (const value of textsOf(valueAt(object, 'data'))) {
      this.#known.note(value);
      this.#known.note(Buffer.from(value, 'base64').toString('utf8'));
    }
  }

  mask(text: string): string {
    return knownSecrets.mask(this.#known.mask(text));
  }
}
