/**
 * What has to be let go of at the end, the last that came first: `AsyncDisposableStack`, which Node has from 24 on. All of
 * it is let go of, whatever fails; the first failure is thrown.
 */
export class DisposeStack implements AsyncDisposable {
  #closing: (() => void | Promise<void>)[] = [];

  defer(close: () => void | Promise<void>): void {
    this.#closing.push(close);
  }

  use<T extends AsyncDisposable>(resource: T): T {
    this.defer(async () => await resource[Symbol.asyncDispose]());
    return resource;
  }

  /** Hands all of it to another, who disposes it. */
  move(): DisposeStack {
    const moved = new DisposeStack();
    moved.#closing = this.#closing;
    this.#closing = [];
    return moved;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.#closing.splice(0).reverse()) {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
