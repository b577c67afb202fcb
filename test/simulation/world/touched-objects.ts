/** Keys and bytes that know which of them were written or deleted since somebody looked. */
export class TouchedObjects extends Map<string, Uint8Array> {
  #touched = new Set<string>();

  override set(key: string, bytes: Uint8Array): this {
    this.#touched.add(key);
    return super.set(key, bytes);
  }

  override delete(key: string): boolean {
    this.#touched.add(key);
    return super.delete(key);
  }

  /** Keys touched since the last call. */
  take(): ReadonlySet<string> {
    const touched = this.#touched;
    this.#touched = new Set();
    return touched;
  }
}
