import { textOf } from '../../escaped-bytes.ts';
import type { YamlDocument } from '../file/yaml-document.ts';
import { formatPlace, type Place } from '../problem.ts';
import type { Notice } from '../source.ts';
import { secretObject as schema } from './schema.ts';

/** A Secret's values, decoded, and where it was written. */
export interface FluxSecret {
  /** `namespace/name`. */
  readonly id: string;
  readonly place: Place;
  readonly values: ReadonlyMap<string, string>;
}

export interface FluxSecrets {
  /** By `namespace/name`. */
  readonly byId: ReadonlyMap<string, FluxSecret>;
  readonly notices: readonly Notice[];
}

const decode = (text: string): string => textOf(Buffer.from(text, 'base64'));

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
      notices.push({
        place: formatPlace(place),
        message: 'Secret is not as Kubernetes has it, and is left out',
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
    const decoded = textsOf(data).map(([key, text]) => [key, decode(text)] as const);
    byId.set(id, { id, place, values: new Map([...decoded, ...textsOf(stringData)]) });
  }
  return { byId, notices };
}
