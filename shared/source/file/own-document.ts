import { isObject } from '../../kernel/json.ts';
import { nearest } from '../nearest.ts';
import type { YamlDocument } from './yaml-document.ts';

/** The lists of our document, and keys that its entries have and those of other tools' lists have not. */
const LISTS: Readonly<Record<string, readonly string[]>> = {
  sources: ['url', 'ref', 'interval', 'unpack', 'verify'],
  credentials: ['registry'],
  receivers: ['registry', 'repositories'],
  deploys: ['source', 'target'],
  notify: ['type', 'sources', 'severity'],
};
const KEYS: readonly string[] = [...Object.keys(LISTS), 'onRefused'];
/** Close to one of ours, and everybody's. */
const FOREIGN: ReadonlySet<string> = new Set(['resources']);

/** The key of ours that a key is, or was meant to be. */
const ownKey = (key: string): string | undefined =>
  FOREIGN.has(key.toLowerCase()) ? undefined : nearest(key, KEYS);

/** Whether a value is a list of entries such as that key's. */
function holdsEntries(key: string, value: unknown): boolean {
  const telling = LISTS[key] ?? [];
  return (
    Array.isArray(value) &&
    value.some(
      (entry) => isObject(entry) && Object.keys(entry).some((each) => nearest(each, telling) !== undefined),
    )
  );
}

/**
 * Whether what stands at that key may have been meant as its list. A map may where it is an entry such as the key's, or
 * holds some by name: Vector, and collectors of OpenTelemetry, have maps of their own at `sources` and `receivers`.
 */
function mayBeList(key: string, value: unknown): boolean {
  const telling = LISTS[key];
  if (telling === undefined || !isObject(value)) return true;
  return [value, ...Object.values(value)].some(
    (entry) => isObject(entry) && telling.some((each) => Object.hasOwn(entry, each)),
  );
}

/**
 * Whether a map was meant as our document: all of its keys are ours or nearly so and hold what ours may, or one of them
 * holds what only ours does. `sources` of a Chart.yaml, `receivers` of an Alertmanager and `credentials` of a values file are not.
 */
export function isOwnDocument(value: Readonly<Record<string, unknown>>): boolean {
  const keys = Object.keys(value);
  const own = keys.map(ownKey);
  if (own.every((key) => key !== undefined))
    return keys.length === 0 || keys.some((key, at) => mayBeList(own[at] ?? '', value[key]));
  return keys.some((key, at) => {
    const meant = own[at];
    return meant !== undefined && holdsEntries(meant, value[key]);
  });
}

const SHOWN_KEYS = 5;

/** What a document is that is none of ours, in few words. */
export function foreignWords({ value }: YamlDocument): string {
  if (!isObject(value)) {
    const what = Array.isArray(value) ? 'a list' : `a ${typeof value}`;
    return `${what}, and no document of Landfall; sources go under the key sources`;
  }
  const shown = Object.keys(value)
    .slice(0, SHOWN_KEYS)
    .map((key) => JSON.stringify(key.slice(0, 32)));
  return `no document of Landfall or Flux: it has ${shown.join(', ') || 'no keys'}`;
}
