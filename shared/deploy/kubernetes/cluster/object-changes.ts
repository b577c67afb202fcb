import { createHash } from 'node:crypto';
import { knownSecrets } from '../../../credentials/known-secrets.ts';
import { isObject, type JsonObject, sortedKeys } from '../../../kernel/json.ts';
import { groupOf, textAt, valueAt } from '../cluster-object.ts';

/** One field that differs: `spec.replicas: 1 → 2`. */
const arrow = (path: string, before: unknown, after: unknown): string =>
  `${path}: ${shown(before)} → ${shown(after)}`;

/** Longer values are told by their beginning. */
const SHOWN = 60;

function shown(value: unknown): string {
  if (value === undefined) return 'none';
  // Before it is cut: of a secret that the cut goes through nobody would know the rest.
  const text = knownSecrets.mask(JSON.stringify(value));
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

/** What of an object anybody but the API server and its controllers says. */
function spoken(object: JsonObject): JsonObject {
  const { metadata: _metadata, status: _status, ...rest } = object;
  const metadata: Record<string, unknown> = {};
  for (const key of ['labels', 'annotations', 'finalizers', 'ownerReferences']) {
    const value = valueAt(object, 'metadata', key);
    if (value !== undefined) metadata[key] = value;
  }
  return { ...rest, metadata };
}

/** A name that tells elements of a list apart, where all of them have one. */
function namesIn(list: readonly unknown[]): readonly string[] | undefined {
  const names = list.map((each) => textAt(each, 'name'));
  return names.every((name) => name !== '') && new Set(names).size === names.length ? names : undefined;
}

function* listChanges(
  path: string,
  before: readonly unknown[],
  after: readonly unknown[],
): Generator<string> {
  const [names, others] = [namesIn(before), namesIn(after)];
  if (names === undefined || others === undefined) {
    if (before.length !== after.length) return yield arrow(path, before, after);
    for (const [at, each] of before.entries()) yield* fieldChanges(`${path}[${at}]`, each, after[at]);
    return;
  }
  for (const name of new Set([...names, ...others]))
    yield* fieldChanges(`${path}[${name}]`, before[names.indexOf(name)], after[others.indexOf(name)]);
  // The same in another order is another list to the API server.
  if (
    names.length === others.length &&
    names.some((name, at) => name !== others[at]) &&
    [...names].sort().join() === [...others].sort().join()
  )
    yield `${path}: in another order`;
}

function* fieldChanges(path: string, before: unknown, after: unknown): Generator<string> {
  if (Object.is(before, after)) return;
  if (Array.isArray(before) && Array.isArray(after)) return yield* listChanges(path, before, after);
  if (!isObject(before) || !isObject(after)) {
    if (JSON.stringify(before) !== JSON.stringify(after)) yield arrow(path, before, after);
    return;
  }
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
    yield* fieldChanges(path === '' ? key : `${path}.${key}`, before[key], after[key]);
}

const isSecret = (object: JsonObject): boolean =>
  textAt(object, 'kind') === 'Secret' && groupOf(textAt(object, 'apiVersion')) === '';

/** A value of a Secret is never told; that it differs is. */
const maskedLine = (line: string): string =>
  /^(data|stringData)\b/.test(line) ? `${line.slice(0, line.indexOf(': '))}: *** → ***` : line;

/** An annotation may hold the whole of an object once more, also of a Secret. */
const LAST_APPLIED = /^metadata\.annotations\.kubectl\.kubernetes\.io\/last-applied-configuration: .*/;

/**
 * What differs between two states of an object, field by field, but for what only the API server and controllers write.
 * No value of a Secret is in it, and no secret that this process has read.
 */
export function objectChanges(before: JsonObject, after: JsonObject): readonly string[] {
  const lines = [...fieldChanges('', spoken(before), spoken(after))].map((line) =>
    line.replace(LAST_APPLIED, 'what kubectl applied last is forgotten'),
  );
  return isSecret(after) ? lines.map(maskedLine) : lines;
}

const HASH_LENGTH = 16;

/** Changes with what somebody says of an object, and not with its status. */
export const objectHash = (object: JsonObject): string =>
  createHash('sha256')
    .update(JSON.stringify(spoken(object), sortedKeys))
    .digest('hex')
    .slice(0, HASH_LENGTH);
