import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { declaredCommands, usesIn, wrongUse } from './command-line.ts';
import { PAGES, type Page, ROOT, readPage } from './markdown.ts';

const COMMANDS = await declaredCommands();
const SHELLS = new Set(['sh', 'console']);

/** Lines of shell, continued ones joined; of a console only what was typed. */
const typedLines = (info: string, text: string): readonly string[] =>
  text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .flatMap((line) => {
      if (info === 'sh') return line.trimStart().startsWith('#') ? [] : [line];
      return line.startsWith('$ ') ? [line.slice(2)] : [];
    });

/** Every command line a page shows: in fenced blocks, and as code in its prose. */
const linesOf = ({ prose, fences }: Page): readonly string[] => [
  ...fences.filter(({ info }) => SHELLS.has(info)).flatMap(({ info, text }) => typedLines(info, text)),
  ...[...prose.join('\n').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code.replaceAll('\n', ' ')),
];

const wrongIn = (line: string): readonly string[] =>
  usesIn(line).flatMap((words) => {
    const wrong = wrongUse(words, COMMANDS);
    return wrong === undefined ? [] : [`${line}: ${wrong}`];
  });

for (const path of PAGES) {
  test(`${path} shows only commands, options and arguments that there are`, () => {
    assert.deepEqual(linesOf(readPage(path)).flatMap(wrongIn), []);
  });
}

test('messages and hints advise only commands and options that there are', () => {
  const wrong = globSync('{shared,functions,local,cli}/**/*.ts', { cwd: ROOT }).flatMap((file) =>
    readFileSync(join(ROOT, file), 'utf8')
      .split('\n')
      .filter((line) => !/^\s*(?:\*|\/\/|import )/.test(line))
      .flatMap((line) =>
        [...line.matchAll(/`(landfall [a-z][^`$]*)`/g)].flatMap(([, use = '']) => wrongIn(use)),
      )
      .map((what) => `${file}: ${what}`),
  );
  assert.deepEqual(wrong, []);
});

test('a command line that is wrong is seen', () => {
  const cases: readonly (readonly [string, RegExp | undefined])[] = [
    ['landfall reply web/site', /no command reply/],
    ['landfall pull oci://a/b --outptu x', /no option --outptu/],
    ['URL=$(landfall get evnts --json | head)', /no command get evnts/],
    ['landfall serve a.yaml --store s', /serve takes no argument a\.yaml/],
    ['landfall get sources web', /sources takes no argument web/],
    ['bin/landfall serve -f a.yaml --store s   # --nothing', undefined],
    ['landfall resolve oci://a/b --semver ">=1 --x"', undefined],
    ['landfall pull oci://a/b -o x && rm --all', undefined],
    ['landfall get', undefined],
    ['landfall COMMAND --help', undefined],
  ];
  for (const [line, wrong] of cases) {
    if (wrong === undefined) assert.deepEqual(wrongIn(line), [], line);
    else assert.match(wrongIn(line).join(), wrong, line);
  }
});
