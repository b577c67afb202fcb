import { isUtf8 } from 'node:buffer';
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { textOf } from '../../escaped-bytes.ts';
import type { YamlDocument } from '../file/yaml-document.ts';
import { formatPath, formatPlace, type Place } from '../problem.ts';
import type { Notice } from '../source.ts';
import { objectId } from './kinds.ts';

// Go writes null for what is not there.
const texts = z.nullish(z.record(z.string(), z.nullable(z.string())));

const schema = z.looseObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('Secret'),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().default('default') }),
  type: z.string().exactOptional(),
  data: texts,
  stringData: texts,
  /** Put there by SOPS: the values are encrypted. */
  sops: z.unknown().exactOptional(),
});

/** A Secret's values, decoded, and where it was written. */
export interface FluxSecret {
  /** `namespace/name`. */
  readonly id: string;
  readonly place: Place;
  readonly values: ReadonlyMap<string, string>;
  /** Keys whose value is not base64, where it has to be: they are none of the values. */
  readonly malformed: readonly string[];
  /** Where it is defined again, with other values: neither may decide. Absent: nowhere. */
  readonly again?: Place;
}

export interface FluxSecrets {
  /** By `namespace/name`. */
  readonly byId: ReadonlyMap<string, FluxSecret>;
  readonly notices: readonly Notice[];
}

/**
 * Undefined for what is not base64: plain text, put where it has to be encoded. Wrapped lines are; without padding it may
 * be a word of letters, too, which comes to no text.
 */
function decode(text: string): string | undefined {
  const packed = text.replace(/\s+/g, '');
  const digits = packed.replace(/={1,2}$/, '').length;
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(packed) || digits % 4 === 1) return undefined;
  const bytes = Buffer.from(packed, 'base64');
  return packed.length % 4 === 0 || isUtf8(bytes) ? textOf(bytes) : undefined;
}

export const definedTwice = (first: Place, again: Place): string =>
  `is defined at ${formatPlace(first)} and, in other words, at ${formatPlace(again)}; leave one of them`;

const secretValues = ({ values, malformed }: FluxSecret): unknown => [values, malformed];

/** Why a Secret cannot be read for what somebody wants of it; undefined: it can. */
export const malformedIn = (
  { id, malformed, place, again }: FluxSecret,
  isWanted: (key: string) => boolean,
): string | undefined => {
  if (again !== undefined) return `Secret ${id} ${definedTwice(place, again)}`;
  const key = malformed.find(isWanted);
  return key && `key ${key} of Secret ${id} is not base64: plain text goes under stringData`;
};

const textsOf = (
  values: Readonly<Record<string, string | null>> | null | undefined,
): readonly (readonly [string, string])[] =>
  Object.entries(values ?? {}).flatMap(([key, text]) => (text === null ? [] : [[key, text] as const]));

/** Collects the Secrets of all documents. Encrypted ones count as not being there. */
export function collectSecrets(documents: readonly YamlDocument[]): FluxSecrets {
  const byId = new Map<string, FluxSecret>();
  const notices: Notice[] = [];
  for (const document of documents) {
    const place = document.placeOf([]);
    const parsed = schema.safeParse(document.value);
    if (!parsed.success) {
      const at = formatPath(parsed.error.issues[0]?.path ?? []);
      notices.push({
        place: formatPlace(place),
        message: `Secret ${objectId(document)} is not as Kubernetes has it at ${at}, and is left out`,
      });
      continue;
    }
    const { metadata, data, stringData, sops } = parsed.data;
    const id = `${metadata.namespace}/${metadata.name}`;
    if (sops !== undefined) {
      notices.push({
        place: formatPlace(place),
        message: `Secret ${id} is encrypted by SOPS, and is left out`,
      });
      continue;
    }
    const values = new Map(textsOf(stringData));
    const malformed: string[] = [];
    for (const [key, text] of textsOf(data)) {
      const decoded = decode(text);
      if (values.has(key)) continue;
      if (decoded === undefined) malformed.push(key);
      else values.set(key, decoded);
    }
    const secret: FluxSecret = { id, place, values, malformed };
    const first = byId.get(id);
    if (first === undefined) byId.set(id, secret);
    else if (!isDeepStrictEqual(secretValues(first), secretValues(secret)))
      byId.set(id, { ...first, again: place });
  }
  return { byId, notices };
}
