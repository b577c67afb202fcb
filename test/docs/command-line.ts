import { Command } from 'commander';
import { COMMANDS } from '../../cli/command-table.ts';

/** Every command as cli declares it, `get events` under that name. */
export async function declaredCommands(): Promise<ReadonlyMap<string, Command>> {
  const program = new Command('landfall');
  const context = {
    terminal: { stdout: process.stdout, stderr: process.stderr },
    commands: COMMANDS,
    run: async () => {},
  };
  for (const { usage, load } of Object.values(COMMANDS)) {
    const module = await load();
    module.define(program.command(usage), context);
  }
  return new Map(
    program.commands.flatMap((command) => [
      // `get` alone does nothing, `receivers` does.
      ...(command.commands.length === 0 || command.options.length > 0
        ? [[command.name(), command] as const]
        : []),
      ...command.commands.map((nested) => [`${command.name()} ${nested.name()}`, nested] as const),
    ]),
  );
}

/** `-o, --output <dir>` of each option but `--help`. */
export const flagsOf = (command: Command): readonly string[] => command.options.map(({ flags }) => flags);

/** The words of a command line up to what a shell would take for itself: quotes go, and nothing is expanded. */
export function wordsOf(line: string): readonly string[] {
  const words: string[] = [];
  for (const [whole, double, single, end, plain] of line.matchAll(
    /"((?:[^"\\]|\\.)*)"|'([^']*)'|(\s#.*$|[|;&<>)])|([^\s"'|;&<>)]+)/g,
  )) {
    if (end !== undefined) break;
    words.push(double ?? single ?? plain ?? whole);
  }
  return words;
}

/** One use of landfall in a text: the words after it. */
export const usesIn = (line: string): readonly (readonly string[])[] =>
  [...line.matchAll(/(?:^|[\s($`/])landfall +(.*)$/g)].map(([, rest = '']) => wordsOf(rest));

const isWord = (word: string | undefined): boolean => word !== undefined && /^[a-z]+$/.test(word);

/** The words that are neither options nor values of one. */
function argumentsOf(words: readonly string[], { options }: Command): readonly string[] {
  const takesNext = (word = ''): boolean =>
    options.some(
      ({ short, long, required, optional }) => (required || optional) && (word === short || word === long),
    );
  return words.filter((word, at) => !/^(?:-|…$)/.test(word) && !takesNext(words[at - 1]));
}

/** What is wrong with the words of a use; undefined where they name a command, options it has, and no more arguments than it takes. */
export function wrongUse(
  words: readonly string[],
  commands: ReadonlyMap<string, Command>,
): string | undefined {
  const [first = '', second = ''] = words;
  if (first.startsWith('-') || first === 'COMMAND') return undefined;
  const command = commands.get(`${first} ${second}`) ?? commands.get(first);
  if (command === undefined) {
    const groups = [...commands.keys()].map((name) => name.split(' ', 1)[0]);
    if (groups.includes(first) && !isWord(second)) return undefined;
    return `no command ${first} ${second}`.trimEnd();
  }
  const known = command.options.flatMap(({ short, long }) => [short, long]);
  const unknown = words.find(
    (word) => /^--?[a-z]/.test(word) && word !== '--help' && !known.includes(word.split('=', 1)[0]),
  );
  if (unknown !== undefined) return `${command.name()} has no option ${unknown}`;
  const given = argumentsOf(words.slice(command.parent?.parent ? 2 : 1), command);
  const { registeredArguments: taken } = command;
  const over = taken.at(-1)?.variadic === true ? undefined : given[taken.length];
  return over === undefined ? undefined : `${command.name()} takes no argument ${over}`;
}
