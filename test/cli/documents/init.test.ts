import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openRegistry } from '../../embedded-registry/test-registry.ts';
import { assertRefused, documentOf, folderFor, landfall, PROGRAM } from '../../support/cli.ts';
import { skipWithout } from '../../support/programs/tool.ts';

/** util-linux's. */
const TERMINAL = 'script';
const URL_OF = 'oci://registry.example/team/My_App';

test('init writes a document that validate takes', async (t) => {
  const file = join(await folderFor(t), 'sources.yaml');
  const argv = [
    '--url',
    `${URL_OF.toLowerCase()}:1.0.0`,
    '--namespace',
    'web',
    '--target',
    './live',
    '--plain-http',
  ];
  const made = await landfall(['init', '-f', file, ...argv]);
  assert.equal(made.stdout, `wrote ${file}\n`);
  assert.match(made.stderr, /^next: landfall serve -f /);
  const valid = documentOf(await landfall(['validate', file, '--json']));
  assert.deepEqual(valid['sources'], ['web/my-app']);
  assert.deepEqual(valid['deploys'], ['live']);
  assert.match(await readFile(file, 'utf8'), /ref: \{ tag: "1\.0\.0" \}/);
  const again = await landfall(['init', '-f', file, ...argv]);
  assertRefused(again, { code: 'USAGE', exit: 2, says: /is there already/, next: /--force/ });
  assert.equal((await landfall(['init', '-f', file, ...argv, '--force'])).code, 0);
});

const REFUSED: readonly (readonly [
  what: string,
  argv: readonly string[],
  code: 'USAGE' | 'REFERENCE_INVALID' | 'CONFIG_INVALID',
  says: RegExp,
])[] = [
  ['no url where nobody can be asked', [], 'USAGE', /nobody can be asked/],
  ['a url that is none', ['--url', 'ftp://registry.example/a/b'], 'REFERENCE_INVALID', /oci:\/\//],
  [
    'a range and a tag',
    ['--url', 'oci://a.example/b', '--semver', '1.x', '--tag', 'x'],
    'USAGE',
    /--semver and --tag/,
  ],
  ['a range that is none', ['--url', 'oci://a.example/b', '--semver', '>='], 'CONFIG_INVALID', /semver/],
  ['a name that is none', ['--url', 'oci://a.example/b', '--name', 'A b'], 'USAGE', /no name/],
];

for (const [what, argv, code, says] of REFUSED)
  test(`init refuses ${what}, and writes nothing`, async (t) => {
    const file = join(await folderFor(t), 'sources.yaml');
    assertRefused(await landfall(['init', '-f', file, ...argv]), { code, exit: 2, says, next: /./ });
    await assert.rejects(readFile(file));
  });

/** What `init` asks and writes, where a person gives these answers. */
async function askedWith(t: TestContext, answers: readonly string[]) {
  const folder = await folderFor(t);
  const child = spawn(TERMINAL, ['-qec', `'${PROGRAM}' init`, '/dev/null'], { cwd: folder });
  let shown = '';
  let answered = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: readline puts the cursor behind what it asks
    if (!shown.endsWith('G') || !/: \u001b\[\d+G$/.test(shown)) return;
    child.stdin.write(`${answers[answered] ?? ''}\n`);
    answered += 1;
  });
  await once(child, 'close');
  return { shown, text: await readFile(join(folder, 'sources.yaml'), 'utf8') };
}

test('init asks in a terminal, and again where an answer is no reference', {
  skip: skipWithout([TERMINAL], 'a terminal'),
}, async (t) => {
  const { shown, text } = await askedWith(t, [
    'ftp://x',
    'oci://registry.example/team/app',
    ...['', 'web', '1.x', ''],
  ]);
  assert.match(shown, /What is watched/);
  assert.match(
    text,
    /name: app\n {4}namespace: web\n {4}url: oci:\/\/registry\.example\/team\/app\n {4}ref: \{ semver: "1\.x" \}/,
  );
});

const ASKS_PLAIN: readonly (readonly [answer: string, isPlain: boolean])[] = [
  ['', true],
  ['yes', true],
  ['no', false],
];
for (const [answer, isPlain] of ASKS_PLAIN)
  test(`init asks about a registry that answers plain HTTP alone, and takes ${JSON.stringify(answer)}`, {
    skip: skipWithout([TERMINAL], 'a terminal'),
  }, async (t) => {
    const registry = await openRegistry(t, { auth: { kind: 'basic', users: { me: 'pw' } } });
    const url = `oci://${registry.host}/team/app`;
    const { shown, text } = await askedWith(t, [url, '', 'web', '1.x', '', answer]);
    assert.match(shown, /answers plain HTTP, and no TLS/);
    assert.equal(/plainHttp: true/.test(text), isPlain, text);
    assert.doesNotMatch(JSON.stringify(registry.requests), /authorization/i, "nobody's credential is sent");
  });
