import { parseDuration } from '../duration.ts';
import { isObject, type JsonObject } from '../kernel/json.ts';
import type { NotifyEntry } from '../notify/notify-entry.ts';
import { providerTypeOf } from '../notify/providers/provider-types.ts';
import type { NotifyDocument } from './schema/schema-notify.ts';

/** A secret that is in a file is found from the folder of its document; also one within a map, as of headers. */
function located(value: unknown, from: (path: string) => string): unknown {
  if (!isObject(value)) return value;
  const { file } = value;
  if (typeof file === 'string' && Object.keys(value).length === 1) return { file: from(file) };
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, located(each, from)]));
}

/** `facts` of people's own begin so, and never take the place of ours. */
const metadataOf = (given: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(given).map(([key, value]) => [`x-${key}`, value]));

/** The model's entry for a checked one of a document. */
export function toNotify(entry: NotifyDocument, from: (path: string) => string): NotifyEntry {
  const { name, type, sources, namespace, deploys, events, severity, quiet, suspend } = entry;
  const { include, exclude, metadata } = entry;
  const provider = providerTypeOf(type);
  const settings = Object.fromEntries(
    Object.keys(provider?.settings.shape ?? {}).flatMap((key) =>
      entry[key] === undefined ? [] : [[key, located(entry[key], from)]],
    ),
  );
  return {
    name,
    type,
    sources: namespace === undefined ? sources : [`${namespace}/*`],
    ...(deploys !== undefined && { deploys }),
    ...(events !== undefined && { events }),
    severity,
    quietMs: provider?.keepsState === true ? 0 : parseDuration(quiet),
    suspend,
    ...(include !== undefined && { include }),
    ...(exclude !== undefined && { exclude }),
    ...(metadata !== undefined && { metadata: metadataOf(metadata) }),
    settings: settings as JsonObject,
  };
}
