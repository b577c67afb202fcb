import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import { addRefOptions } from '../../cli/options/ref-options.ts';
import { addRegistryOptions } from '../../cli/options/registry-options.ts';
import { addStoreOption } from '../../cli/options/store-options.ts';
import { addUnpackOptions } from '../../cli/options/unpack-options.ts';
import { declaredCommands, flagsOf } from './command-line.ts';
import { anchorOf, headingsOf, readPage, rowsOf, sectionOf } from './markdown.ts';

const PAGE = readPage('docs/commands.md');
const COMMANDS = await declaredCommands();

/** Options that several commands have stand once, under a heading of their own. */
const GROUPS: ReadonlyMap<string, (command: Command) => Command> = new Map([
  ['Registry options', addRegistryOptions],
  ['Ref options', addRefOptions],
  ['Unpack options', addUnpackOptions],
  ['Store option', (command) => addStoreOption(command)],
]);

const flagsUnder = (heading: string): readonly string[] =>
  rowsOf(sectionOf(PAGE, heading) ?? []).map(([flags = '']) => flags);

/** Of a command's own table, and of the groups that it links to. */
function documentedFlags(name: string): readonly string[] {
  const text = (sectionOf(PAGE, name) ?? []).join('\n');
  const linked = [...GROUPS.keys()].filter((group) => text.includes(`](#${anchorOf(group)})`));
  return [...flagsUnder(name), ...linked.flatMap(flagsUnder)];
}

test('every command has a section, and every section is a command’s', () => {
  const sections = headingsOf(PAGE, 2).filter((heading) => !GROUPS.has(heading));
  assert.deepEqual([...sections].sort(), [...COMMANDS.keys()].sort());
});

for (const [heading, add] of GROUPS) {
  test(`${heading} are those that cli declares`, () => {
    assert.deepEqual([...flagsUnder(heading)].sort(), [...flagsOf(add(new Command()))].sort());
  });
}

for (const [name, command] of COMMANDS) {
  test(`${name} has the options that cli declares, and an example`, () => {
    assert.deepEqual([...documentedFlags(name)].sort(), [...flagsOf(command)].sort());
    assert.match(PAGE.text, new RegExp(`^\\$ landfall ${name}\\b`, 'm'));
  });
}

test('a default that is told is the one that cli has', () => {
  for (const [name, command] of COMMANDS) {
    for (const [flags, told = ''] of rowsOf(sectionOf(PAGE, name) ?? [])) {
      const written = /\(default: ([^)]*)\)$/.exec(told)?.[1];
      if (written === undefined) continue;
      const option = command.options.find((each) => each.flags === flags);
      assert.equal(
        written,
        String(option?.defaultValueDescription ?? option?.defaultValue),
        `${name} ${flags}`,
      );
    }
  }
});
