import assert from 'node:assert/strict';
import { test } from 'node:test';
import { painter } from '../../../cli/terminal/colour.ts';
import { wrapHelp } from '../../../cli/terminal/help.ts';
import { formatTable, shortRevision, type Table } from '../../../cli/terminal/table.ts';
import { formatAge } from '../../../shared/age.ts';
import { Kept, landfall } from '../../support/cli.ts';

const AGES: readonly (readonly [seconds: number, shown: string])[] = [
  [-5, '0s'],
  [0, '0s'],
  [119, '119s'],
  [120, '2m'],
  [310, '5m10s'],
  [599, '9m59s'],
  [600, '10m'],
  [3 * 3600 - 1, '179m'],
  [3 * 3600, '3h'],
  [3 * 3600 + 60, '3h1m'],
  [47 * 3600, '47h'],
  [76 * 3600, '3d4h'],
  [8 * 86_400, '8d'],
  [800 * 86_400, '2y70d'],
  [9 * 365 * 86_400, '9y'],
];

for (const [seconds, shown] of AGES)
  test(`${seconds} s are shown as kubectl does, ${shown}`, () => {
    assert.equal(formatAge(seconds * 1000), shown);
  });

test('a revision is shown short enough to tell, and what is none stays', () => {
  const hex = '883864b2'.padEnd(64, '0');
  assert.equal(shortRevision(`1.4.0@sha256:${hex}`), '1.4.0@sha256:883864b2');
  assert.equal(shortRevision(`sha256:${hex}`), 'sha256:883864b2');
  assert.equal(shortRevision('no revision'), 'no revision');
});

const TABLE: Table = {
  columns: [
    { title: 'source' },
    { title: 'ready', tones: { True: 'good', False: 'bad' } },
    { title: 'gen', rank: 2 },
    { title: 'revision', only: 'narrow', rank: 1 },
    { title: 'revision', only: 'wide' },
    { title: 'message', isText: true },
  ],
  rows: [
    [
      'web/site',
      'False',
      '12',
      'v1@sha256:0123abcd',
      'v1@sha256:whole',
      'the registry does not answer for so long',
    ],
  ],
};

test('a table keeps to its room: texts are cut first, then what tells least goes, and the widest cell is cut last', () => {
  for (const room of [100, 80, 60, 40, 30, 24])
    for (const line of formatTable(TABLE, { room }).split('\n'))
      assert.ok(line.length <= room, `${room}: ${line}`);
  assert.match(formatTable(TABLE, { room: 80 }), /v1@sha256:0123abcd {2}the registry does not answer…|GEN/);
  assert.doesNotMatch(formatTable(TABLE, { room: 62 }), /GEN/);
  assert.match(formatTable(TABLE, { room: 62 }), /0123abcd/);
  assert.doesNotMatch(formatTable(TABLE, { room: 45 }), /REVISION/);
});

test('nothing of a table is cut where nobody has a width, and wide has its own columns', () => {
  assert.match(formatTable(TABLE), /GEN .*\n.*for so long$/);
  assert.match(formatTable(TABLE, { wide: true }), /v1@sha256:whole/);
});

test('colours do not move columns, and nothing in a cell can bring its own', () => {
  const painted = formatTable(
    { ...TABLE, rows: [['a\u001b[2J', 'True', '1', 'r', 'r', 'm']] },
    { paint: (tone, text) => `<${tone}>${text}</>` },
  );
  assert.match(painted, /^a\\u001b\[2J {2}<good>True<\/> {3}1 /m);
});

const WANTS: readonly (readonly [
  what: string,
  isTTY: boolean,
  env: NodeJS.ProcessEnv,
  isColoured: boolean,
])[] = [
  ['a terminal', true, {}, true],
  ['a pipe', false, {}, false],
  ['a terminal with NO_COLOR', true, { NO_COLOR: '1' }, false],
  ['NO_COLOR before FORCE_COLOR', true, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
  ['an empty NO_COLOR, which is none', true, { NO_COLOR: '' }, true],
  ['a pipe with FORCE_COLOR', false, { FORCE_COLOR: '1' }, true],
  ['a pipe with FORCE_COLOR=0', false, { FORCE_COLOR: '0' }, false],
  ['a pipe with CLICOLOR_FORCE', false, { CLICOLOR_FORCE: '1' }, true],
  ['a terminal with CLICOLOR=0', true, { CLICOLOR: '0' }, false],
  ['a dumb terminal', true, { TERM: 'dumb' }, false],
];

for (const [what, isTTY, env, isColoured] of WANTS)
  test(`${what} ${isColoured ? 'is' : 'is not'} coloured`, () => {
    assert.equal(painter(new Kept(isTTY), env)('bad', 'x') !== 'x', isColoured);
  });

test('help is filled for its width, and an example can still be pasted', () => {
  const text =
    'One two three\nfour five.\n\nExamples:\n  landfall pull oci://a/b -o out --plain-http    # with a comment\n';
  assert.equal(
    wrapHelp(text, 30),
    'One two three four five.\n\nExamples:\n  # with a comment\n  landfall pull oci://a/b -o \\\n      out --plain-http\n',
  );
  assert.match(wrapHelp(text, 80), /^ {2}landfall pull .* # with a comment$/m);
});

test('every help fits the terminal, from 40 columns on', async () => {
  for (const columns of ['40', '80']) {
    process.env['COLUMNS'] = columns;
    try {
      for (const argv of [['--help'], ['serve', '--help'], ['pull', '--help'], ['help', 'registry']]) {
        const { stdout, code } = await landfall(argv);
        assert.equal(code, 0);
        for (const line of stdout.split('\n')) {
          const isOneWord = !line.trim().replace(/ \\$/, '').includes(' ');
          assert.ok(line.length <= Number(columns) || isOneWord, `${argv.join(' ')} at ${columns}: ${line}`);
        }
      }
    } finally {
      delete process.env['COLUMNS'];
    }
  }
});

test('help of a command folds the options for registries into one page', async () => {
  const { stdout } = await landfall(['pull', '--help']);
  assert.match(stdout, /--registry-creds/);
  assert.doesNotMatch(stdout, /--registry-token-service/);
  assert.match(stdout, /help registry/);
  assert.match((await landfall(['help', 'registry'])).stdout, /--registry-token-service/);
  assert.equal((await landfall(['help', 'pull'])).stdout, stdout);
  assert.equal((await landfall(['help', 'nope'])).code, 2);
  assert.match((await landfall(['--help'])).stdout, /^Look:$[\s\S]*^Registries:$/m);
});

test('version says what it runs on', async () => {
  const { stdout } = await landfall(['version']);
  assert.match(stdout, /^landfall \d+\.\d+\.\d+, Node \d+\.\d+\.\d+, \w+\/\w+\n$/);
  const document = JSON.parse((await landfall(['version', '-o', 'json'])).stdout);
  assert.deepEqual(Object.keys(document), ['version', 'node', 'platform']);
});
