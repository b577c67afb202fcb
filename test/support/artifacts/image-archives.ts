import type { ErrorCode } from '../../../shared/errors.ts';
import { directory, entry, file, gnuLong, hardlink, padded, pax, symlink, tar } from './tar-builder.ts';

/**
 * Archives that readers disagree on: refused as an artifact, with this code, and read as Go reads them in an image, as
 * `type path size target`.
 */
export const AS_IMAGE: readonly (readonly [
  name: string,
  archive: Buffer,
  code: ErrorCode,
  listing: readonly string[],
])[] = [
  [
    'a GNU name with its PAX times',
    tar(pax({ mtime: '1.5' }), gnuLong('L', 'a/b'), file('a')),
    'PATH_REFUSED',
    ['file a/b 1'],
  ],
  [
    'a GNU name, then PAX times',
    tar(gnuLong('L', 'a/b'), pax({ mtime: '1.5' }), file('a')),
    'PATH_REFUSED',
    ['file a/b 1'],
  ],
  [
    'a GNU name with an empty PAX header',
    tar(pax({}), gnuLong('L', 'a/b'), file('a')),
    'PATH_REFUSED',
    ['file a/b 1'],
  ],
  [
    'a GNU link with its PAX times',
    tar(pax({ mtime: '1.5' }), gnuLong('K', 'a/b'), symlink('l', 'a')),
    'PATH_REFUSED',
    ['symlink l 0 a/b'],
  ],
  [
    'a PAX size before a GNU name: the size of the entry, bsdtar takes it for that of the name',
    tar(pax({ size: '1024' }), gnuLong('L', 'long'), entry({ name: 'a', size: 0 }), file('inner')),
    'PATH_REFUSED',
    ['file long 1024'],
  ],
  [
    'a PAX path and a GNU name: the latter counts',
    tar(pax({ path: 'pax' }), gnuLong('L', 'gnu'), file('a')),
    'PATH_REFUSED',
    ['file gnu 1'],
  ],
  [
    'a symbolic link with a size: GNU tar skips a body',
    tar(symlink('l', 'a', { size: 1024 }), file('inner')),
    'ENTRY_REFUSED',
    ['symlink l 0 a', 'file inner 1'],
  ],
  [
    'a hard link with a size in a ustar header',
    tar(file('a'), hardlink('h', 'a', { size: 1024 }), file('inner')),
    'ENTRY_REFUSED',
    ['file a 1', 'hardlink h 0 a', 'file inner 1'],
  ],
  [
    'a hard link with a size, after a PAX header: bsdtar skips a body',
    tar(pax({ mtime: '1' }), file('a'), hardlink('h', 'a', { size: 1024 }), file('inner')),
    'ENTRY_REFUSED',
    ['file a 1', 'hardlink h 0 a', 'file inner 1'],
  ],
  [
    'a hard link with a size and a long name: bsdtar skips a body',
    tar(file('a'), gnuLong('L', 'h'), hardlink('x', 'a', { size: 1024 }), file('inner')),
    'ENTRY_REFUSED',
    ['file a 1', 'hardlink h 0 a', 'file inner 1'],
  ],
  [
    'a folder with a size of PAX: bsdtar skips a body',
    tar(pax({ size: '1024' }), directory('d/'), file('inner')),
    'ENTRY_REFUSED',
    ['directory d 0', 'file inner 1'],
  ],
  [
    'a folder with a size of PAX, zero in its header, and a file that could be its body',
    tar(pax({ size: '512' }), directory('d/'), file('d/a', ''), padded('')),
    'ENTRY_REFUSED',
    ['directory d 0', 'file d/a 0'],
  ],
];
