/** An input that breaks what always holds of its target. */
export class Find extends Error {
  readonly input: Buffer;

  /** @param where what makes the input again: `seed 5, case 12` */
  constructor(target: string, where: string, input: Buffer, cause: unknown) {
    const why = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    super(`${target}, ${where}: ${JSON.stringify(input.toString('latin1').slice(0, 400))}\n${why}`, {
      cause,
    });
    this.input = input;
  }
}
