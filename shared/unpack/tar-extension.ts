import { quoteName } from './entry-path.ts';
import { type Complain, type PaxOverrides, parsePax } from './pax.ts';
import type { TarBlock } from './tar-block.ts';
import { decodeUtf8, untilNul } from './tar-text.ts';

/** What an entry is really called and how long it is, once its extension headers have spoken. */
export interface TarIdentity {
  readonly name: string;
  readonly link: string;
  /** Bytes. */
  readonly size: number;
}

const WHAT: Readonly<Record<string, string>> = {
  x: 'PAX header',
  g: 'global PAX header',
  L: 'GNU long name',
  K: 'GNU long link',
};

export const isExtension = (block: TarBlock): boolean => Object.hasOwn(WHAT, block.type);

function textOf(bytes: Buffer, what: string, complain: Complain): string {
  const text = decodeUtf8(bytes);
  if (text === undefined)
    throw complain(`has a ${what} that is not UTF-8: ${quoteName(bytes.toString('latin1'))}`, 'PATH_REFUSED');
  return text;
}

function headerName(block: TarBlock, complain: Complain): string {
  const name = textOf(block.name, 'name', complain);
  return block.prefix.length === 0 ? name : `${textOf(block.prefix, 'name', complain)}/${name}`;
}

/**
 * Extension headers waiting for the entry they describe: at most one of a kind, and never two that name the same
 * thing, because readers disagree on which wins. They describe entries only, never another extension header: its size
 * is its own (CVE-2026-53655).
 */
export class TarExtensions {
  readonly #mostBytes: number;
  readonly #complain: Complain;
  #pax: PaxOverrides | undefined;
  #longName: string | undefined;
  #longLink: string | undefined;

  constructor(mostBytes: number, complain: Complain) {
    this.#mostBytes = mostBytes;
    this.#complain = complain;
  }

  /** True while an entry must follow. */
  get pending(): boolean {
    return this.#pax !== undefined || this.#longName !== undefined || this.#longLink !== undefined;
  }

  /** Checks an extension header before its body is read; returns the body's size in bytes. */
  open(block: TarBlock): number {
    const what = WHAT[block.type] ?? 'extension header';
    if (block.size === undefined) throw this.#complain(`has a ${what} whose size is no number`);
    if (block.size > this.#mostBytes)
      throw this.#complain(
        `has a ${what} of ${block.size} bytes, more than extensionHeaderBytes = ${this.#mostBytes}`,
      );
    if (block.type === 'g' && this.pending)
      throw this.#complain(`has a ${what} between an extension header and its entry`);
    const taken = { x: this.#pax, L: this.#longName, K: this.#longLink }[block.type];
    if (taken !== undefined) throw this.#complain(`has two ${what}s for one entry`);
    return block.size;
  }

  /** Takes the body of the header that `open` admitted. */
  close(type: string, body: Buffer): void {
    if (type === 'x') this.#pax = parsePax(body, 'entry', this.#complain);
    else if (type === 'g') parsePax(body, 'global', this.#complain);
    else if (type === 'L') this.#longName = textOf(untilNul(body), 'long name', this.#complain);
    else this.#longLink = textOf(untilNul(body), 'long link', this.#complain);
  }

  /** Identity of the entry that follows; nothing is pending afterwards. */
  identify(block: TarBlock): TarIdentity {
    const pax = this.#pax;
    if (pax?.path !== undefined && this.#longName !== undefined)
      throw this.#complain('has both a PAX path and a GNU long name', 'PATH_REFUSED');
    if (pax?.linkpath !== undefined && this.#longLink !== undefined)
      throw this.#complain('has both a PAX linkpath and a GNU long link', 'PATH_REFUSED');
    const size = pax?.size ?? block.size;
    if (size === undefined) throw this.#complain('has a size that is no number');
    const identity = {
      name: pax?.path ?? this.#longName ?? headerName(block, this.#complain),
      link: pax?.linkpath ?? this.#longLink ?? textOf(block.link, 'link name', this.#complain),
      size,
    };
    this.#pax = undefined;
    this.#longName = undefined;
    this.#longLink = undefined;
    return identity;
  }
}
