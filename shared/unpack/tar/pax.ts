import type { LandfallError } from '../../errors.ts';
import { quoteName } from '../entry-path.ts';
import { decodeUtf8 } from './tar-text.ts';

/** The keywords that change what an entry is; all others are ignored unread. */
export interface PaxOverrides {
  readonly path?: string;
  readonly linkpath?: string;
  /** Bytes. */
  readonly size?: number;
}

/**
 * Makes the error for a sentence about what is wrong; the caller knows where. The code is ARCHIVE_INVALID if not given,
 * the hint that of the code.
 */
export type Complain = (
  why: string,
  code?: 'ARCHIVE_INVALID' | 'ENTRY_REFUSED' | 'PATH_REFUSED',
  hint?: string,
) => LandfallError;

const SPACE = 0x20;
const EQUALS = 0x3d;
const NEWLINE = 0x0a;
const LENGTH = /^[1-9][0-9]{0,15}$/;
/** Leading zeros do not count, however many: every reader takes them. */
const SIZE = /^[0-9]+$/;
const OVERRIDES = new Set(['path', 'linkpath', 'size']);

/** What Go reads of the other keywords, and gives up on the archive where it cannot; others ignore most of it. */
const INTEGER = /^[+-]?[0-9]+$/;
const TIME = /^[+-]?[0-9]+(?:\.[0-9]*)?$/;
const MOST_DIGITS = 20;
function isInteger(text: string): boolean {
  if (!INTEGER.test(text)) return false;
  const digits = text.replace(/^\+/, '').replace(/^(-?)0+(?=[0-9])/, '$1');
  return digits.length <= MOST_DIGITS && BigInt.asIntN(64, BigInt(digits)) === BigInt(digits);
}
const isTime = (text: string): boolean => TIME.test(text) && isInteger(text.split('.', 1)[0] ?? '');
const hasNoNul = (text: string): boolean => !text.includes('\0');
const CHECKED: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ...(['uid', 'gid'] as const).map((key) => [key, isInteger] as const),
  ...(['atime', 'ctime', 'mtime'] as const).map((key) => [key, isTime] as const),
  ...(['uname', 'gname'] as const).map((key) => [key, hasNoNul] as const),
]);

/** bsdtar, the tar of macOS and FreeBSD, writes files with holes as sparse ones if it is not told otherwise. */
const NOT_SPARSE =
  'Pack it without holes: bsdtar, which is the tar of macOS and FreeBSD, with --no-read-sparse; GNU tar without --sparse.';
export const complainSparse = (complain: Complain, how = ''): LandfallError =>
  complain(`is a sparse file${how}`, 'ENTRY_REFUSED', NOT_SPARSE);

interface PaxRecord {
  readonly key: string;
  readonly value: Buffer;
}

/** Records are "LENGTH KEY=VALUE\n", LENGTH counting all of it, and must fill the body exactly. */
function* records(body: Buffer, complain: Complain): Generator<PaxRecord> {
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(SPACE, at);
    const digits = space === -1 || space - at > 16 ? '' : body.toString('latin1', at, space);
    const end = LENGTH.test(digits) ? at + Number(digits) : 0;
    if (end <= space || end > body.length || body[end - 1] !== NEWLINE)
      throw complain('has a PAX record whose length is wrong');
    const equals = body.indexOf(EQUALS, space);
    if (equals === -1 || equals >= end) throw complain('has a PAX record without "="');
    const key = decodeUtf8(body.subarray(space + 1, equals));
    if (key === undefined || key === '' || key.includes('\0'))
      throw complain('has a PAX key that is no text');
    yield { key, value: body.subarray(equals + 1, end - 1) };
    at = end;
  }
}

function textOf({ key, value }: PaxRecord, complain: Complain): string {
  const text = decodeUtf8(value);
  if (text === undefined) throw complain(`has a PAX ${key} that is not UTF-8`, 'PATH_REFUSED');
  // Readers disagree whether the value ends there: CVE-2026-59875.
  if (text.includes('\0')) throw complain(`has a PAX ${key} with a NUL`, 'PATH_REFUSED');
  if (text === '') throw complain(`has an empty PAX ${key}`);
  return text;
}

function sizeOf(record: PaxRecord, complain: Complain): number {
  const text = textOf(record, complain);
  const size = Number(text);
  if (!SIZE.test(text) || !Number.isSafeInteger(size))
    throw complain(`has a PAX size of ${quoteName(text)}, not decimal digits`);
  return size;
}

/** An empty value keeps what the header says. */
function checkUnused({ key, value }: PaxRecord, complain: Complain): void {
  const isRight = CHECKED.get(key);
  if (isRight === undefined || value.length === 0) return;
  if (!isRight(value.toString('latin1'))) throw complain(`has a PAX ${key} that readers disagree on`);
}

/**
 * Reads the body of an extended header. A global one may only hold harmless keywords (git writes `comment`): a path or
 * size for "all that follow" is read differently by every tool.
 * @see https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13_03
 */
export function parsePax(body: Buffer, scope: 'entry' | 'global', complain: Complain): PaxOverrides {
  const found = new Map<string, PaxRecord>();
  for (const record of records(body, complain)) {
    if (record.key.startsWith('GNU.sparse.') || record.key === 'SCHILY.realsize')
      throw complainSparse(complain, ` (PAX ${quoteName(record.key)})`);
    checkUnused(record, complain);
    if (!OVERRIDES.has(record.key)) continue;
    if (scope === 'global') throw complain(`sets ${record.key} in a global PAX header`);
    if (found.has(record.key)) throw complain(`sets PAX ${record.key} twice`);
    found.set(record.key, record);
  }
  const path = found.get('path');
  const linkpath = found.get('linkpath');
  const size = found.get('size');
  return {
    ...(path && { path: textOf(path, complain) }),
    ...(linkpath && { linkpath: textOf(linkpath, complain) }),
    ...(size && { size: sizeOf(size, complain) }),
  };
}
