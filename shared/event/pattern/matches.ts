import { type EventField, eventFields, type Membership } from './event-fields.ts';
import type { Conjunction, FieldPattern, Pattern, Test } from './pattern.ts';

type Fields = ReturnType<typeof eventFields>;

const isAbsence = ({ kind }: Test): boolean => kind === 'absent';

/** Whether two values can be in one reading of the event: in the same element of each list that both are in. */
function agree(chosen: Membership, within: Membership): boolean {
  for (const [list, at] of within) if ((chosen.get(list) ?? at) !== at) return false;
  return true;
}

/**
 * One conjunction over one event, field by field in the order of their names, as EventBridge goes: what was chosen of
 * a list holds for the rest of it, absence included. Absence chooses nothing.
 */
class Matching {
  readonly #fields: Fields;
  readonly #wanted: Conjunction;
  /** By list, the last field that has values within it: after that its element does not matter. */
  readonly #lastUse = new Map<number, number>();
  /** What was tried in vain: from which field on, with which elements. */
  readonly #failed = new Set<string>();

  constructor(wanted: Conjunction, fields: Fields) {
    this.#wanted = wanted;
    this.#fields = fields;
    for (const [index, { name }] of wanted.entries()) {
      for (const { within } of this.#valuesOf(name)) {
        for (const list of within.keys()) this.#lastUse.set(list, index);
      }
    }
  }

  from(index: number, chosen: Membership): boolean {
    const wanted = this.#wanted[index];
    if (wanted === undefined) return true;
    const matters = [...chosen].filter(([list]) => (this.#lastUse.get(list) ?? -1) >= index);
    const state = `${index} ${matters.toSorted(([a], [b]) => a - b).join(' ')}`;
    if (this.#failed.has(state)) return false;
    if (this.#field(wanted, index, new Map(matters))) return true;
    this.#failed.add(state);
    return false;
  }

  #field({ name, tests }: FieldPattern, index: number, chosen: Membership): boolean {
    const there = this.#valuesOf(name).filter(({ within }) => agree(chosen, within));
    if (there.length === 0) return tests.some(isAbsence) && this.from(index + 1, chosen);
    const tried = new Set<Membership>();
    return there.some(({ value, within }) => {
      if (tried.has(within)) return false;
      if (!tests.some((test) => test.kind === 'value' && test.accepts(value))) return false;
      tried.add(within);
      return this.from(index + 1, within.size === 0 ? chosen : new Map([...chosen, ...within]));
    });
  }

  #valuesOf(name: string): readonly EventField[] {
    return this.#fields.get(name) ?? [];
  }
}

/**
 * Whether EventBridge would deliver the event, ours or AWS's, to a rule with this pattern. A name is its keys joined by dots, whichever
 * side has the dots in a key.
 */
export function matches(pattern: Pattern, event: object): boolean {
  const fields = eventFields(event);
  return pattern.some((conjunction) => new Matching(conjunction, fields).from(0, new Map()));
}
