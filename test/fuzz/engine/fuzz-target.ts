import { type ErrorCode, isLandfallError } from '../../../shared/errors.ts';

/** One parser of foreign bytes, and what always holds of it. */
export interface FuzzTarget {
  /** The name of its file. */
  readonly name: string;
  /** Whole inputs that were made by hand or come from a sender; what campaigns found lies in corpus/ beside them. */
  readonly seeds: readonly (string | Uint8Array)[];
  /** Pieces that chance would not write. */
  readonly words: readonly (string | Uint8Array)[];
  /** What inputs are besides bytes: then places of the document are exchanged, too. */
  readonly form?: 'json';
  /** Makes sums right again that would end every damaged input at once. */
  readonly repair?: (input: Buffer) => Buffer;
  /**
   * Whether the input was taken (true) or refused with a code (false).
   * @throws whatever breaks what always holds: that is a find
   */
  readonly judge: (input: Buffer) => boolean | Promise<boolean>;
  /** The worst that may be sent, as large as limits let it be; each is decided within the bounds of bounds.test.ts. */
  readonly hostile: readonly (readonly [name: string, make: () => Buffer])[];
}

/** The bytes of what is text in a target's file. */
export const bytesOf = (input: string | Uint8Array): Buffer => Buffer.from(input as string);

/** Runs a parser: its value, or undefined where it refused with one of the codes that it may refuse with. */
export function taken<T>(parse: () => T, ...codes: readonly ErrorCode[]): T | undefined {
  try {
    return parse();
  } catch (error) {
    return refused(error, codes);
  }
}

/** The same of one that waits. */
export async function takenLater<T>(
  parse: () => Promise<T>,
  ...codes: readonly ErrorCode[]
): Promise<T | undefined> {
  try {
    return await parse();
  } catch (error) {
    return refused(error, codes);
  }
}

/** What ends a line, steers a terminal, or hides and turns letters: a line of a message alone is begun, and that further in. */
const QUOTED = /[^\P{C}\n]|[\u2028\u2029]|\n(?! {4})/u;

function refused(error: unknown, codes: readonly ErrorCode[]): undefined {
  if (!isLandfallError(error)) throw error;
  const { code, message } = error;
  if (!codes.includes(code)) throw new Error(`refused with ${code}: ${message}`, { cause: error });
  if (QUOTED.test(message)) throw new Error(`not quoted: ${JSON.stringify(message)}`);
}
