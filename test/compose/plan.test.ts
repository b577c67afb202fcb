import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Plan, Planning } from '../../shared/compose/plan.ts';
import { DEFAULT_LIMITS, type Limits } from '../../shared/limits.ts';
import type { ArtifactRecord } from '../../shared/model/artifact-record.ts';
import type { IncludedRevision } from '../../shared/model/composition.ts';
import { digestOf } from '../../shared/oci/digest.ts';
import { fileEntry, recordOf, type Tree } from '../conformance/planted-artifacts.ts';

type Part = { readonly tree?: Tree } & Partial<Pick<IncludedRevision, 'from' | 'to'>> &
  Partial<Pick<ArtifactRecord, 'links' | 'folders' | 'files'>>;

interface Rules {
  readonly onClash?: 'refuse' | 'last';
  readonly limits?: Partial<Limits>;
  readonly prefixBytes?: number;
}

function plan(parts: readonly Part[], { onClash = 'refuse', limits, prefixBytes = 90 }: Rules = {}): Plan {
  const planning = new Planning({ onClash, limits: { ...DEFAULT_LIMITS, ...limits }, prefixBytes });
  for (const [at, { tree = {}, from, to, ...lists }] of parts.entries()) {
    const digest = digestOf(String(at));
    const source = `web/${String.fromCharCode(97 + at)}`;
    const part = { source, revision: `1@${digest}`, digest, variant: 'default' };
    const record = { ...recordOf({ digest, variant: 'default' }, tree), ...lists };
    planning.add({ ...part, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }, record);
  }
  return planning.whole();
}

const placed = ({ files }: Plan): readonly string[] => files.map(({ path, part }) => `${path} of ${part}`);

describe('a plan of parts', () => {
  const PLACES: readonly (readonly [name: string, parts: readonly Part[], wanted: readonly string[]])[] = [
    ['all of a part', [{ tree: { x: '1', 'd/y': '2' } }], ['d/y of web/a', 'x of web/a']],
    ['all of it in a folder', [{ tree: { x: '1' }, to: 'in/here' }], ['in/here/x of web/a']],
    [
      'a folder of it',
      [{ tree: { 'd/x': '1', 'd/e/y': '2', 'dd/z': '3' }, from: 'd' }],
      ['e/y of web/a', 'x of web/a'],
    ],
    ['a folder in another', [{ tree: { 'd/x': '1' }, from: 'd', to: 'e' }], ['e/x of web/a']],
    ['a file under its own name', [{ tree: { 'd/x': '1', 'd/xy': '2' }, from: 'd/x' }], ['x of web/a']],
    ['a file under another', [{ tree: { 'd/x': '1' }, from: 'd/x', to: 'e/y' }], ['e/y of web/a']],
    ['two beside each other', [{ tree: { x: '1' } }, { tree: { y: '1' } }], ['x of web/a', 'y of web/b']],
    [
      'what is the same in two once',
      [{ tree: { x: '1' } }, { tree: { x: '1', y: '' } }],
      ['x of web/a', 'y of web/b'],
    ],
  ];
  for (const [name, parts, wanted] of PLACES)
    test(`takes ${name}`, () => assert.deepEqual(placed(plan(parts)), wanted));

  test('takes the later part where the document says so, in the order of byte', () => {
    const parts = [{ tree: { x: '1', z: '1' } }, { tree: { x: '2' } }, { tree: { x: '3', a: '' } }];
    assert.deepEqual(placed(plan(parts, { onClash: 'last' })), ['a of web/c', 'x of web/c', 'z of web/a']);
  });

  const REFUSED: readonly (readonly [
    name: string,
    parts: readonly Part[],
    message: RegExp,
    rules?: Rules,
  ])[] = [
    [
      'one path with two contents',
      [{ tree: { x: '1' } }, { tree: { x: '2' } }],
      /^"x" is in web\/a and, with other content, in web\/b$/,
    ],
    [
      'one path that only one can run',
      [{ files: [fileEntry('x', '1', 0o755)] }, { tree: { x: '1' } }],
      /^"x" is in web\/a and, with other content, in web\/b$/,
    ],
    [
      'names that differ in case',
      [{ tree: { 'Read/me': '1' } }, { tree: { 'read/you': '1' } }],
      /^"Read" of web\/a and "read" of web\/b differ only in case or Unicode form$/,
      { onClash: 'last' },
    ],
    [
      'names of two Unicode forms',
      [{ tree: { é: '1' } }, { tree: { 'e\u0301': '1' } }],
      /differ only in case or Unicode form$/,
      { onClash: 'last' },
    ],
    [
      'a file where another has a folder',
      [{ tree: { x: '1' } }, { tree: { 'x/y': '1' } }],
      /^"x" is a file of web\/a and a folder of web\/b$/,
      { onClash: 'last' },
    ],
    [
      'a folder where another has a file',
      [{ tree: { 'x/y': '1' } }, { tree: { x: '1' } }],
      /^"x" is a file of web\/b and a folder of web\/a$/,
      { onClash: 'last' },
    ],
    [
      'an empty folder where another has a file',
      [{ folders: ['x'] }, { tree: { x: '1' } }],
      /^"x" is a file of web\/b and a folder of web\/a$/,
    ],
    [
      'a file where another has a link',
      [{ links: [{ path: 'x', target: 'y' }] }, { tree: { x: '1' } }],
      /^"x" is in web\/a and/,
    ],
    ['what is not there', [{ tree: { 'dd/x': '1' }, from: 'd' }], /^web\/a has no "d" at 1@sha256:/],
  ];
  for (const [name, parts, message, rules] of REFUSED)
    test(`refuses ${name}, and names both`, () =>
      assert.throws(() => plan(parts, rules), { code: 'COMPOSE_REFUSED', message }));

  const many = (count: number): Tree =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`f${at}`, '']));
  const LIMITED: readonly (readonly [name: string, parts: readonly Part[], rules: Rules, code: string])[] = [
    [
      'files',
      [
        { tree: many(3), to: 'a' },
        { tree: many(3), to: 'b' },
      ],
      { limits: { files: 5 } },
      'TOO_MANY_FILES',
    ],
    [
      'bytes',
      [{ tree: { x: '123' } }, { tree: { y: '456' } }],
      { limits: { unpackedBytes: 5 } },
      'UNPACKED_TOO_LARGE',
    ],
    ['depth', [{ tree: { 'b/c': '1' }, to: 'a' }], { limits: { pathDepth: 2 } }, 'PATH_REFUSED'],
    [
      'length with its prefix',
      [{ tree: { b: '1' }, to: 'a' }],
      { limits: { pathBytes: 92 } },
      'PATH_REFUSED',
    ],
  ];
  for (const [name, parts, rules, code] of LIMITED) {
    test(`is held to the limit of ${name} of what is composed`, () =>
      assert.throws(() => plan(parts, rules), { code }));
    const one = Object.fromEntries(
      Object.entries(rules.limits ?? {}).map(([key, limit]) => [key, limit + 1]),
    );
    test(`may have as much as the limit of ${name}`, () => assert.ok(plan(parts, { limits: one })));
  }

  test('takes two parts of 50,000 files that are the same, and not one file more', () => {
    const tree = many(50_000);
    assert.equal(plan([{ tree }, { tree }]).files.length, 50_000);
    assert.throws(() => plan([{ tree }, { tree: { other: '' } }]), { code: 'TOO_MANY_FILES' });
  });

  test('moves links along, and one whose target is not taken is outside', () => {
    const links = [
      { path: 'd/in', target: 'd/x' },
      { path: 'd/out', target: 'e/y' },
      { path: 'd/up', target: '/etc/passwd', outside: true as const },
      { path: 'e/none', target: 'd/x' },
    ];
    const { links: moved, files } = plan([{ tree: { 'd/x': '1' }, links, from: 'd', to: 't' }]);
    assert.deepEqual(
      files.map(({ path }) => path),
      ['t/x'],
    );
    assert.deepEqual(moved, [
      { path: 't/in', target: 't/x' },
      { path: 't/out', target: 'e/y', outside: true },
      { path: 't/up', target: '/etc/passwd', outside: true },
    ]);
  });

  test('keeps empty folders, where nothing fills them', () => {
    const { folders } = plan([
      { folders: ['d/empty', 'd/full'], from: 'd' },
      { tree: { x: '1' }, to: 'full' },
    ]);
    assert.deepEqual(folders, ['empty']);
  });
});
