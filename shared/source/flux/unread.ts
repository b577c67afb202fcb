import { isObject } from '../../kernel/json.ts';
import type { YamlDocument } from '../file/yaml-document.ts';
import type { Place } from '../problem.ts';

/** A field that is there, and what that comes to. */
export interface PlacedNotice {
  readonly place: Place;
  readonly message: string;
}

/** Fields that have no effect here, by their paths in `spec`, each with what does or what to do instead. */
export type UnreadFields = Readonly<Record<string, string>>;

/** Of `accessFrom`, which is of who may take what a Flux source has. */
export const COMPOSED_ELSEWHERE =
  'to compose it into a source of another namespace, write a source with `accessFrom`';

const specOf = ({ value }: YamlDocument): unknown => (isObject(value) ? value['spec'] : undefined);

/** What stands at `a.b`, or at `list[].b` of the first item that has it. */
function valueAt(value: unknown, [key = '', ...rest]: readonly string[]): unknown {
  const isList = key.endsWith('[]');
  const next = isObject(value) ? value[isList ? key.slice(0, -2) : key] : undefined;
  if (rest.length === 0 || next === undefined) return next ?? undefined;
  if (!isList) return valueAt(next, rest);
  const items = Array.isArray(next) ? next : [];
  return items.map((item) => valueAt(item, rest)).find((each) => each !== undefined);
}

/** Tells of each that is there. */
export function unreadNotices(document: YamlDocument, fields: UnreadFields): readonly PlacedNotice[] {
  const spec = specOf(document);
  return Object.entries(fields)
    .filter(([path]) => valueAt(spec, path.split('.')) !== undefined)
    .map(([path, why]) => {
      const steps = path.split('.').map((step) => step.replace('[]', ''));
      return {
        place: document.placeOfKey(['spec', ...steps.slice(0, -1)], steps.at(-1) ?? ''),
        message: `${path} is not read: ${why}`,
      };
    });
}
