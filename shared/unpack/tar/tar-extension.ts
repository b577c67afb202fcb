import { quoteName } from '../entry-path.ts';
import type { Reading } from '../reading.ts';
import { type Complain, complainSparse, type PaxOverrides, parsePax } from './pax.ts';
import { isZero, type TarBlock } from './tar-block.ts';
import { bodyBytes } from './tar-body.ts';
import { decodeUtf8, untilNul } from './tar-text.ts';

/** What an entry is really called and how long it is, once its extension headers have spoken. */
export interface TarIdentity {
  readonly name: string;
  readonly link: string;
  /** Bytes of body that follow: 0 for all that has none, whatever its header says. */
  readonly size: number;
}

const SLASH = 0x2f;
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
  readonly #reading: Reading;
  readonly #complain: Complain;
  #pax: PaxOverrides | undefined;
  #longName: string | undefined;
  #longLink: string | undefined;

  constructor(mostBytes: number, reading: Reading, complain: Complain) {
    this.#mostBytes = mostBytes;
    this.#reading = reading;
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
    else if (type === 'L') this.#longName = this.#longText(body, 'long name');
    else this.#longLink = this.#longText(body, 'long link');
  }

  /** GNU tar and Python read a long name up to its NUL and a PAX header's records, into what only fills the block. */
  checkPadding(type: string, padding: Buffer): void {
    if (!isZero(padding)) throw this.#complain(`has a ${WHAT[type]} that goes on behind its size`);
  }

  /** Go takes the name in the header where the long one is empty. */
  #longText(body: Buffer, what: string): string {
    const bytes = untilNul(body);
    if (bytes.length === 0) throw this.#complain(`has a ${what} that is empty`, 'PATH_REFUSED');
    return textOf(bytes, what, this.#complain);
  }

  /** Identity of the entry that follows; nothing is pending afterwards. */
  identify(block: TarBlock): TarIdentity {
    const pax = this.#pax;
    this.#checkOneKind();
    if (block.type === 'S') throw complainSparse(this.#complain);
    // Of GNU's and PAX's names, GNU's counts for Go.
    const name = this.#longName ?? pax?.path ?? headerName(block, this.#complain);
    const link = this.#longLink ?? pax?.linkpath ?? textOf(block.link, 'link name', this.#complain);
    if (block.size === undefined) throw this.#complain('has a size that is no number');
    const claim = {
      type: block.type,
      name,
      size: block.size,
      paxSize: pax?.size,
      format: block.format,
      isHeaderFolder: block.name.at(-1) === SLASH,
    };
    const identity = { name, link, size: bodyBytes(claim, this.#reading, this.#complain) };
    this.#pax = undefined;
    this.#longName = undefined;
    this.#longLink = undefined;
    return identity;
  }

  /** Readers disagree on which name counts, and bsdtar holds PAX's size to be that of the long name. */
  #checkOneKind(): void {
    if (this.#reading === 'image' || this.#pax === undefined) return;
    if (this.#longName === undefined && this.#longLink === undefined) return;
    const what = this.#longName === undefined ? WHAT['K'] : WHAT['L'];
    throw this.#complain(`has both a PAX header and a ${what}`, 'PATH_REFUSED');
  }
}
