import { quoteName } from '../entry-path.ts';
import type { Reading } from '../reading.ts';
import type { HeaderFormat } from './header-fault.ts';
import type { Complain } from './pax.ts';

/** What is known of an entry once its extension headers have spoken. */
export interface TarClaim {
  /** The type flag, one character. */
  readonly type: string;
  readonly name: string;
  /** Bytes, of the header. */
  readonly size: number;
  /** Bytes, of a PAX header. */
  readonly paxSize: number | undefined;
  readonly format: HeaderFormat;
  /** Whether the name of the header itself ends in a slash; another one may stand for it. */
  readonly isHeaderFolder: boolean;
}

const OLD_FILE = '\0';
const FILES: ReadonlySet<string> = new Set(['0', '7']);
const HARD_LINK = '1';
const SYMBOLIC_LINK = '2';
/** Links, devices, folders, pipes: Go reads no body behind these, whatever size they claim. */
const BODILESS = /^[1-6]$/;

/**
 * Bytes of body that follow an entry's header, as Go reads it. Where one reader takes a body for what another takes for
 * the next header, the second sees entries that the first does not; so in the strict reading these are refused:
 * a symbolic link with a size (GNU tar skips a body), a hard link with one in a ustar header (bsdtar guesses, by what
 * follows and came before), and anything but a file with a size of PAX (bsdtar again). An older hard link's size, and a
 * folder's own, mean nothing to any of them.
 */
export function bodyBytes(claim: TarClaim, reading: Reading, complain: Complain): number {
  const { type, name, paxSize } = claim;
  const size = paxSize ?? claim.size;
  checkSlash(claim, size, complain);
  if (!BODILESS.test(type)) return size;
  if (reading === 'image' || size === 0) return 0;
  if (type === SYMBOLIC_LINK) throw refuseBody(name, 'a symbolic link', size, complain);
  if (type === HARD_LINK && isUstar(claim.format)) throw refuseBody(name, 'a hard link', size, complain);
  if (paxSize !== undefined) throw refuseBody(name, 'no file', size, complain);
  return 0;
}

const isUstar = (format: HeaderFormat): boolean => format === 'ustar' || format === 'star';

const refuseBody = (name: string, what: string, size: number, complain: Complain): Error =>
  complain(
    `${quoteName(name)} is ${what} with a body of ${size} bytes, which only some readers skip`,
    'ENTRY_REFUSED',
  );

/**
 * A file whose name ends in a slash is a folder to GNU tar and bsdtar. Go and Python hold that of v7's files only,
 * Python by the name in the header, and both see no body there.
 */
function checkSlash({ type, name, isHeaderFolder }: TarClaim, size: number, complain: Complain): void {
  const isFolder = name.endsWith('/');
  if (FILES.has(type) && isFolder)
    throw complain(`${quoteName(name)} is a file to some readers and a folder to others`, 'ENTRY_REFUSED');
  if (type !== OLD_FILE) return;
  if (isFolder !== isHeaderFolder)
    throw complain(`${quoteName(name)} is a file to some readers and a folder to others`, 'ENTRY_REFUSED');
  if (isFolder && size > 0) throw refuseBody(name, 'a folder', size, complain);
}
