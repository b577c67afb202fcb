/** Keys that are ready, each once, in two lanes: first come, first served within a lane. */
export class ReadyLanes {
  readonly #urgent = new Set<string>();
  readonly #patient = new Set<string>();

  get size(): number {
    return this.#urgent.size + this.#patient.size;
  }

  has(isUrgent: boolean): boolean {
    return (isUrgent ? this.#urgent : this.#patient).size > 0;
  }

  /** A key keeps its place; one that becomes urgent moves over. */
  add(key: string, isUrgent: boolean): void {
    if (this.#urgent.has(key)) return;
    if (!isUrgent) this.#patient.add(key);
    else {
      this.#patient.delete(key);
      this.#urgent.add(key);
    }
  }

  take(isUrgent: boolean): string | undefined {
    const lane = isUrgent ? this.#urgent : this.#patient;
    const [key] = lane;
    if (key !== undefined) lane.delete(key);
    return key;
  }
}
