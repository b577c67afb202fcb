import { LandfallError } from '../errors.ts';
import { isPlainPath, PLAIN_LEVELS } from '../kernel/plain-path.ts';
import { type Limits, PATH_SEGMENT_BYTES } from '../limits.ts';
import { printable } from '../printable.ts';

/** The limits a path is held to. */
export type PathLimits = Pick<Limits, 'pathBytes' | 'pathDepth'>;

/** C0, DEL and C1: they move cursors, split log lines and end C strings. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
/** In no XML, so that S3 could take such a key and never be told to delete it. https://www.w3.org/TR/xml/#charsets */
const NOT_IN_XML = /[\ufffe\uffff]/;
const DRIVE = /^[A-Za-z]:/;
const DOTS_AND_SPACES = /^\.{1,2} +$/;

/** A foreign name made safe to print: quoted, cut at 160 characters, everything unprintable escaped. */
export const quoteName = (raw: string): string =>
  printable(JSON.stringify(raw.length > 160 ? `${raw.slice(0, 160)}…` : raw));

/** What no store, log or line of ours can hold; undefined where nothing is. */
function unstorable(name: string): string | undefined {
  if (!name.isWellFormed()) return 'it is not valid Unicode';
  if (CONTROL.test(name)) return 'it has a control character';
  if (NOT_IN_XML.test(name)) return 'it has a character that no XML, and so no listing of S3, can hold';
  return undefined;
}

/** What is wrong with the characters of a name, whatever it names; undefined where nothing is. */
function badCharacters(name: string): string | undefined {
  const why = unstorable(name);
  if (why !== undefined) return why;
  if (name.includes('\\')) return 'it has a backslash, which some systems take for a folder';
  if (DRIVE.test(name)) return 'it begins with a drive letter';
  return undefined;
}

function badSegment(segment: string): string | undefined {
  if (segment === '..') return 'it has a ".." segment';
  if (segment === '.') return 'it has a "." segment';
  if (DOTS_AND_SPACES.test(segment))
    return 'it has a segment of dots and spaces, which Windows takes for ".."';
  if (segment === '') return 'it has an empty segment ("//")';
  if (Buffer.byteLength(segment) > PATH_SEGMENT_BYTES)
    return `a segment is longer than ${PATH_SEGMENT_BYTES} bytes, the most a file system takes`;
  return undefined;
}

function badPath(path: string, limits: PathLimits, prefixBytes: number): string | undefined {
  if (path === '') return 'it is empty';
  if (path.startsWith('/')) return 'it is absolute';
  const bytes = Buffer.byteLength(path) + prefixBytes;
  if (bytes > limits.pathBytes)
    return `with its prefix it is ${bytes} bytes, more than pathBytes = ${limits.pathBytes}`;
  const segments = path.split('/');
  if (segments.length > limits.pathDepth)
    return `it is ${segments.length} levels deep, more than pathDepth = ${limits.pathDepth}`;
  for (const segment of segments) {
    const why = badSegment(segment);
    if (why !== undefined) return why;
  }
  return undefined;
}

const isPlain = (raw: string, { pathBytes, pathDepth }: PathLimits, prefixBytes: number): boolean =>
  pathDepth >= PLAIN_LEVELS && raw.length + prefixBytes <= pathBytes && isPlainPath(raw);

/**
 * The one place that decides a name may become a path under `files/`, for tar entries, ORAS titles and whatever else
 * names a file. One leading "./" and one trailing "/" are dropped, because tar writers add them; nothing else is
 * cleaned: keys keep `..` and `//` literally while the disks of consumers do not, so both are refused, as is ".".
 * @param prefixBytes bytes of the key or folder the path will be stored under; they count towards `pathBytes`
 * @throws LandfallError PATH_REFUSED with the escaped name and the rule it breaks
 */
export function judgePath(raw: string, limits: PathLimits, prefixBytes: number): string {
  if (isPlain(raw, limits, prefixBytes)) return raw;
  const start = raw.startsWith('./') ? 2 : 0;
  const path = raw.slice(start, raw.length > start + 1 && raw.endsWith('/') ? -1 : undefined);
  const why = badCharacters(path) ?? badPath(path, limits, prefixBytes);
  if (why === undefined) return path;
  throw refused(raw, why);
}

/**
 * The same for an entry of a container image, whose names are cleaned and otherwise kept, as containerd does: leading
 * "/", "//", "." and ".." within the root are resolved as text; backslashes and drive letters are characters like any
 * other ("system-systemd\x2dcryptsetup.slice" is in many an image). What leaves the root is refused rather than
 * clamped to it. '' is the root itself.
 * @throws LandfallError PATH_REFUSED
 */
export function judgeImagePath(raw: string, limits: PathLimits, prefixBytes: number): string {
  if (isPlain(raw, limits, prefixBytes)) return raw;
  const kept: string[] = [];
  let why = unstorable(raw);
  for (const segment of raw.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') kept.push(segment);
    else if (kept.pop() === undefined) why ??= 'it leaves the root by ".."';
  }
  const path = kept.join('/');
  if (path !== '') why ??= badPath(path, limits, prefixBytes);
  if (why === undefined) return path;
  throw refused(raw, why);
}

const refused = (raw: string, why: string): LandfallError =>
  new LandfallError('PATH_REFUSED', `path ${quoteName(raw)} is refused: ${why}`, {
    hint: 'Rename the file and push again; paths must be relative, plain and stay inside the artifact.',
  });

/**
 * Where a link inside the artifact points, relative to the artifact's root ('' is the root itself); undefined where it
 * leaves or cannot be told. `..` counts only at the start of a symbolic link's target: after a name it might climb out
 * of a linked folder, which text alone cannot tell.
 * @param entryPath the link's own judged path
 * @param target the raw link name: relative to the link's folder for a symlink, to the root for a hard link
 * @param kind `image`: a symbolic link of a container image, where "/" is the root and ".." does not leave it
 */
export function resolveLink(
  entryPath: string,
  target: string,
  kind: 'symlink' | 'hardlink' | 'image',
): string | undefined {
  const isAbsolute = target.startsWith('/');
  const bad = kind === 'image' ? unstorable(target) : badCharacters(target);
  if (target === '' || bad !== undefined || (isAbsolute && kind !== 'image')) return undefined;
  const base = kind === 'hardlink' || isAbsolute ? [] : entryPath.split('/').slice(0, -1);
  let named = kind === 'hardlink';
  for (const segment of target.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') {
      named = true;
      base.push(segment);
    } else if (named || (base.pop() === undefined && kind !== 'image')) return undefined;
  }
  return base.join('/');
}
