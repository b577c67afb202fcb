import type { Scalar } from './pattern.ts';

/** Of which lists with objects in them a value is in which element: by the list's number. */
export type Membership = ReadonlyMap<number, number>;

export interface EventField {
  readonly value: Scalar;
  readonly within: Membership;
}

const NOWHERE: Membership = new Map();

/** Collects the leaves of a document by their names: only those exist, so an object or an empty list is no value. */
class Leaves {
  readonly found = new Map<string, EventField[]>();
  #lists = 0;

  add(name: string, value: unknown, within: Membership): void {
    if (Array.isArray(value)) this.#list(name, value, within);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        this.add(name === '' ? key : `${name}.${key}`, inner, within);
      }
    } else if (value !== undefined) {
      const field = { value: value as Scalar, within };
      const known = this.found.get(name);
      if (known === undefined) this.found.set(name, [field]);
      else known.push(field);
    }
  }

  /** Members that are values are all the field's; objects are told apart, so that fields of two never add up. */
  #list(name: string, members: readonly unknown[], within: Membership): void {
    const list = this.#lists;
    this.#lists += 1;
    for (const [at, member] of members.entries()) {
      const isMany = typeof member === 'object' && member !== null;
      this.add(name, member, isMany ? new Map([...within, [list, at]]) : within);
    }
  }
}

/** Every value of an event by the name of its field, keys joined by dots. What objects inherit is not in it. */
export function eventFields(event: object): ReadonlyMap<string, readonly EventField[]> {
  const leaves = new Leaves();
  leaves.add('', event, NOWHERE);
  return leaves.found;
}
