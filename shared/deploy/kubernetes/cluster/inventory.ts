import { createHash } from 'node:crypto';
import { keyOf, type ObjectId } from '../cluster-object.ts';
import { compareIds } from './object-order.ts';

/** One object that a deploy made or took over. */
export interface InventoryEntry extends ObjectId {
  /** That it was written in last. */
  readonly version: string;
  /** Hash of what was applied last; `-` where it is not known to be there. */
  readonly wanted: string;
  /** Hash of what the cluster then had. Both as they were: there is nothing to ask. */
  readonly found: string;
}

const UNKNOWN = '-';

export const unknownEntry = (id: ObjectId, version: string): InventoryEntry => ({
  group: id.group,
  kind: id.kind,
  namespace: id.namespace,
  name: id.name,
  version,
  wanted: UNKNOWN,
  found: UNKNOWN,
});

/** Entries by their keys. */
export type Inventory = ReadonlyMap<string, InventoryEntry>;

export const inventoryOf = (entries: Iterable<InventoryEntry>): Inventory =>
  new Map([...entries].sort((a, b) => compareIds(a, b)).map((entry) => [keyOf(entry), entry] as const));

const HEAD = '# group kind namespace name version wanted found: kept by Landfall';
const NAME_LENGTH = 253;

/** A line an object, a field between spaces, `-` for what is empty. No name of Kubernetes has a space. */
export const formatInventory = (inventory: Inventory): string =>
  [
    HEAD,
    ...[...inventory.values()].map(({ group, kind, namespace, name, version, wanted, found }) =>
      [group, kind, namespace, name, version, wanted, found].map((field) => field || UNKNOWN).join(' '),
    ),
    '',
  ].join('\n');

/** They become part of a path as they are; names are escaped, but for dots. */
const IN_PATH = /^[-a-z0-9.]*$/;
const UNSAFE = /^\.{1,2}$|[/%]/;

/** Undefined where somebody else wrote it: nothing is pruned by what cannot be read. */
export function parseInventory(text: string): Inventory | undefined {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const entries: InventoryEntry[] = [];
  for (const line of lines) {
    const fields = line.split(' ');
    const [group = '', kind = '', namespace = '', name = '', version = '', wanted = '', found = ''] = fields;
    if (fields.length !== 7 || [kind, name, version].includes('') || name === UNKNOWN) return undefined;
    if (![group, version].every((field) => IN_PATH.test(field) && !field.includes('..'))) return undefined;
    if (UNSAFE.test(namespace) || UNSAFE.test(name)) return undefined;
    const empty = (field: string): string => (field === UNKNOWN ? '' : field);
    entries.push({ group: empty(group), kind, namespace: empty(namespace), name, version, wanted, found });
  }
  return inventoryOf(entries);
}

/** Of the ConfigMap: `landfall-DEPLOY-HASH`, where the hash is of the deploy and its source. */
export function inventoryName(deploy: string, source: string): string {
  const hash = createHash('sha256').update(`${deploy} ${source}`).digest('hex').slice(0, 10);
  return `landfall-${deploy.slice(0, NAME_LENGTH - 'landfall-'.length - hash.length - 1)}-${hash}`;
}
