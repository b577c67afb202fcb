import {
  base256,
  directory,
  entry,
  file,
  GNU,
  gnuLong,
  hardlink,
  header,
  padded,
  pax,
  STAR,
  symlink,
  tar,
  V7,
} from './tar-builder.ts';

const long = `${'folder/'.repeat(30)}naïve.yaml`;
/** Access and change, as GNU and star write them. */
const TIMES = '14771025403\x0014771025404\0';
const joined = (...parts: readonly Buffer[]): Buffer => Buffer.concat(parts);
/** Archives that are read, with what is read, as `type path size mode target`. */
export const ACCEPTED: readonly (readonly [name: string, archive: Buffer, listing: readonly string[]])[] = [
  ['no byte at all', Buffer.alloc(0), []],
  ['one zero block', Buffer.alloc(512), []],
  ['nothing but the end', tar(), []],
  ['padding to a whole record', joined(tar(), Buffer.alloc(9216)), []],
  ['one zero block at the end', joined(file('a'), Buffer.alloc(512)), ['file a 1 644']],
  ['no zero block at the end', file('a'), ['file a 1 644']],
  [
    'no padding behind the last file, as umoci insert leaves it',
    file('a').subarray(0, 513),
    ['file a 1 644'],
  ],
  ['part of the padding behind the last file', file('a').subarray(0, 700), ['file a 1 644']],
  [
    "Flux's root folder and folders without a slash",
    tar(directory('.'), directory('sub'), file('sub/a')),
    ['directory sub 0 755', 'file sub/a 1 644'],
  ],
  [
    "GNU tar's root folder and leading dot",
    tar(directory('./'), file('./a'), directory('./b/')),
    ['file a 1 644', 'directory b 0 755'],
  ],
  [
    "umoci's root folder",
    tar(directory('/'), directory('app/'), file('app/a')),
    ['directory app 0 755', 'file app/a 1 644'],
  ],
  ['a ustar prefix', tar(file('name', 'x', { prefix: 'some/folder' })), ['file some/folder/name 1 644']],
  ['a name of 100 bytes without a NUL', tar(file('n'.repeat(100))), [`file ${'n'.repeat(100)} 1 644`]],
  [
    'a prefix of 155 and a name of 100 bytes',
    tar(file('n'.repeat(100), 'x', { prefix: 'p'.repeat(155) })),
    [`file ${'p'.repeat(155)}/${'n'.repeat(100)} 1 644`],
  ],
  [
    'a star prefix',
    tar(file('n', 'x', { prefix: `p${'\0'.repeat(130)}${TIMES}`, tail: STAR })),
    ['file p/n 1 644'],
  ],
  [
    'a star prefix, and times that are all NUL or blank',
    tar(file('n', 'x', { prefix: `p${'\0'.repeat(143)}           \0`, tail: STAR })),
    ['file p/n 1 644'],
  ],
  [
    'a ustar header of another version',
    tar(file('n', 'x', { magic: 'ustar\0  ', prefix: 'p' })),
    ['file p/n 1 644'],
  ],
  [
    'times in a GNU header that end in a blank',
    tar(file('n', 'x', { magic: GNU, prefix: TIMES.replaceAll('\0', ' ') })),
    ['file n 1 644'],
  ],
  ['times in a GNU header', tar(file('n', 'x', { magic: GNU, prefix: TIMES })), ['file n 1 644']],
  [
    'no times in a GNU header, and something else behind them',
    tar(file('n', 'x', { magic: GNU, prefix: `${'\0'.repeat(24)}00000001750\0` })),
    ['file n 1 644'],
  ],
  ['v7 files', tar(file('a', 'x', { type: '\0', magic: V7 })), ['file a 1 644']],
  ['v7 folders, told by their slash', tar(file('a/', '', { type: '\0', magic: V7 })), ['directory a 0 644']],
  ['contiguous files', tar(file('a', 'x', { type: '7' })), ['file a 1 644']],
  [
    'a PAX path instead of a stripped name',
    tar(pax({ path: 'naïve.yaml' }), file('nave.yaml')),
    ['file naïve.yaml 1 644'],
  ],
  [
    'a PAX path over a name that is no text',
    tar(pax({ path: 'a' }), file(Buffer.from([0xff]))),
    ['file a 1 644'],
  ],
  ['a long PAX path', tar(pax({ path: long }), file('short')), [`file ${long} 1 644`]],
  [
    'a long GNU name',
    tar(gnuLong('L', long), file('folder/fol', 'x', { magic: GNU })),
    [`file ${long} 1 644`],
  ],
  [
    'a long GNU name that ends before its size does',
    tar(gnuLong('L', 'short\0-and-more'), file('a')),
    ['file short 1 644'],
  ],
  [
    'a long GNU name and link',
    tar(gnuLong('K', 'a/b'), gnuLong('L', 'c/d'), symlink('c', 'a')),
    ['symlink c/d 0 777 a/b'],
  ],
  ['a PAX size', tar(pax({ size: '3' }), entry({ name: 'a', size: 0 }), padded('abc')), ['file a 3 644']],
  [
    'a PAX size with many leading zeros',
    tar(pax({ size: '3'.padStart(40, '0') }), entry({ name: 'a', size: 0 }), padded('abc')),
    ['file a 3 644'],
  ],
  [
    'PAX times and owners of every form',
    tar(
      pax({
        mtime: '-1.5',
        atime: '1350244992.023960108',
        ctime: '1.',
        uid: '4294967295',
        gid: '007',
        uname: '',
      }),
      file('a'),
    ),
    ['file a 1 644'],
  ],
  ['a PAX linkpath', tar(pax({ linkpath: '../ö' }), symlink('d/l', 'x')), ['symlink d/l 0 777 ../ö']],
  [
    "git's global header",
    tar(pax({ comment: 'a'.repeat(40) }, { type: 'g', name: 'pax_global_header' }), file('a')),
    ['file a 1 644'],
  ],
  [
    'two global headers',
    tar(pax({ comment: 'a' }, { type: 'g' }), pax({ comment: 'b' }, { type: 'g' }), file('a')),
    ['file a 1 644'],
  ],
  ['an empty PAX header', tar(pax({}), file('a')), ['file a 1 644']],
  [
    'PAX values that are no text, where they name nothing',
    tar(pax({ 'SCHILY.xattr.user.x': Buffer.from([0, 0xff, 10]) }), file('a')),
    ['file a 1 644'],
  ],
  [
    'PAX keys that are names of prototypes',
    tar(pax({ ['__proto__']: 'x', constructor: 'y' }), file('__proto__')),
    ['file __proto__ 1 644'],
  ],
  ['a base-256 size', tar(header({ name: 'a', size: base256(3, 12) }), padded('abc')), ['file a 3 644']],
  ['a base-256 mode', tar(file('a', 'x', { mode: base256(0o755, 8) })), ['file a 1 755']],
  [
    'a size with leading spaces',
    tar(header({ name: 'a', size: '         3 \0' }), padded('abc')),
    ['file a 3 644'],
  ],
  [
    'a size without a terminator',
    tar(header({ name: 'a', size: '000000000003' }), padded('abc')),
    ['file a 3 644'],
  ],
  ['a mode with its file type', tar(file('a', 'x', { mode: '100755 \0' })), ['file a 1 755']],
  ['setuid, as data', tar(file('a', 'x', { mode: 0o4755 })), ['file a 1 4755']],
  ['a checksum of signed bytes', tar(file('ä', 'x', { checksum: 'signed' })), ['file ä 1 644']],
  [
    'owners, times and devices of every form',
    tar(
      file('a', 'x', {
        uid: base256(70_000, 8),
        gid: '  1750 \0',
        mtime: Buffer.alloc(12, 0xff),
        devmajor: '       ',
      }),
      file('b', 'x', { uid: '\0\0\0\0\0\0\0\0', gid: '\x00001750', mtime: '17777777777', magic: V7 }),
    ),
    ['file a 1 644', 'file b 1 644'],
  ],
  [
    'folders with a size, which have no body',
    tar(directory('d/', { size: 4096 }), file('d/a'), directory('e', { size: 1, magic: GNU })),
    ['directory d 0 755', 'file d/a 1 644', 'directory e 0 755'],
  ],
  [
    'hard links with a size and no body, as old tars write them',
    tar(
      file('a'),
      hardlink('b', 'a', { size: 321, magic: V7 }),
      hardlink('c', 'a', { size: 1024, magic: GNU }),
      file('d'),
    ),
    ['file a 1 644', 'hardlink b 0 644 a', 'hardlink c 0 644 a', 'file d 1 644'],
  ],
  [
    'old hard links with a size, after PAX times',
    tar(
      pax({ mtime: '1.5' }),
      file('a'),
      hardlink('b', 'a', { size: 321, magic: V7 }),
      hardlink('c', 'a', { size: 9, magic: GNU }),
      file('d'),
    ),
    ['file a 1 644', 'hardlink b 0 644 a', 'hardlink c 0 644 a', 'file d 1 644'],
  ],
  [
    'a folder with a size, and PAX times',
    tar(pax({ mtime: '1.5' }), directory('d/', { size: 4096 }), file('d/a')),
    ['directory d 0 755', 'file d/a 1 644'],
  ],
  [
    'garbage in the padding',
    joined(header({ name: 'a', size: 1 }), padded('x', 0xee), tar()),
    ['file a 1 644'],
  ],
  ['an empty file before the end', tar(file('a', '')), ['file a 0 644']],
  [
    'links, as they are',
    tar(file('a'), hardlink('b', 'a'), symlink('c', '../../etc')),
    ['file a 1 644', 'hardlink b 0 644 a', 'symlink c 0 777 ../../etc'],
  ],
  [
    'names that differ in case or form only',
    tar(file('A'), file('a'), file('é'), file('é')),
    ['file A 1 644', 'file a 1 644', 'file é 1 644', 'file é 1 644'],
  ],
  ['names that end in a dot or space', tar(file('a.'), file('b ')), ['file a. 1 644', 'file b  1 644']],
  [
    'names that look like dots',
    tar(file('...'), file('..a'), file('a..')),
    ['file ... 1 644', 'file ..a 1 644', 'file a.. 1 644'],
  ],
  ['a whiteout, as a name', tar(file('.wh.a', '')), ['file .wh.a 0 644']],
];
