/** After this many urgent ones a patient one goes first, so that a flood of webhooks cannot stop the schedule. */
const URGENT_IN_A_ROW = 3;

/** Keys that are ready, each once, in two lanes: first come, first served within a lane. */
export class ReadyLanes {
  readonly #urgent = new Set<string>();
  readonly #patient = new Set<string>();
  #urgentInARow = 0;

  get size(): number {
    return this.#urgent.size + this.#patient.size;
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

  take(): string | undefined {
    const isPatientsTurn = this.#urgentInARow >= URGENT_IN_A_ROW && this.#patient.size > 0;
    const lane = this.#urgent.size > 0 && !isPatientsTurn ? this.#urgent : this.#patient;
    const [key] = lane;
    if (key === undefined) return undefined;
    lane.delete(key);
    this.#urgentInARow = lane === this.#urgent ? this.#urgentInARow + 1 : 0;
    return key;
  }

  clear(): void {
    this.#urgent.clear();
    this.#patient.clear();
  }
}
