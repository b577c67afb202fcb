import type { Command, CommanderError } from 'commander';
import { LandfallError } from '../shared/errors.ts';
import { shellWord } from '../shared/shell-word.ts';
import { nearest } from '../shared/source/nearest.ts';

/** The commands that `argv` names, the outermost first: those of `landfall receivers test`. */
function namedCommands(program: Command | undefined, argv: readonly string[]): readonly Command[] {
  const named: Command[] = [];
  let at = program;
  for (const word of argv) {
    at = at?.commands.find((command) => command.name() === word);
    if (at === undefined) break;
    named.push(at);
  }
  return named;
}

/** What `argv` names, as it is typed: `landfall receivers test`. */
export const typedCommand = (program: Command | undefined, argv: readonly string[]): string =>
  ['landfall', ...namedCommands(program, argv).map((command) => command.name())].join(' ');

/** Commander tells first that an option is missing, where the user has only mistyped it. */
function mistyped(program: Command | undefined, argv: readonly string[]): string | undefined {
  const known = (namedCommands(program, argv).at(-1)?.options ?? []).flatMap(({ long }) => long ?? []);
  const flags = argv.flatMap((word) => /^(--[a-z][a-z-]*)(?:=|$)/.exec(word)?.[1] ?? []);
  const wrong = flags.find((flag) => flag !== '--help' && !known.includes(flag));
  if (wrong === undefined) return undefined;
  const meant = nearest(wrong, known);
  return `unknown option '${wrong}'${meant === undefined ? '' : `\n    (Did you mean ${meant}?)`}`;
}

/** Node puts U+FFFD for bytes that are none of UTF-8: what they name is somewhere else. @throws LandfallError USAGE */
export function refuseUnreadable(argv: readonly string[]): void {
  const word = argv.find((each) => each.includes('\ufffd'));
  if (word === undefined) return;
  throw new LandfallError('USAGE', `${JSON.stringify(word)} is no UTF-8, and would name something else`, {
    hint: 'Rename what it names, or change into its folder and name that as ".".',
  });
}

/** Whoever asks where it is in a folder that somebody has removed, as Node says it. */
const isFolderGone = (error: unknown): boolean =>
  error instanceof Error && 'syscall' in error && error.syscall === 'uv_cwd';

/** That the folder a command was started in is gone; any other error as it is. */
export const withoutFolder = (error: unknown): unknown =>
  isFolderGone(error)
    ? new LandfallError('USAGE', 'the folder that this runs in is gone', {
        cause: error,
        hint: 'Change to one that is there, e.g. cd "$HOME", and run it again.',
      })
    : error;

const isWord = (text: string): boolean => text !== '' && !text.startsWith('-');
/** A user or a password in it is not said again. */
const PLAIN_URL = /^oci:\/\/[^@?]+(?:@sha(?:256|512):[0-9a-f]+)?$/i;

/** Where `pull` has its folder as a second argument, as most programs that copy do: the line as it should be. */
function withOutput(program: Command | undefined, argv: readonly string[]): string | undefined {
  const [command, first = '', second = '', ...rest] = argv;
  if (command !== 'pull' || rest.length > 0 || !isWord(first) || !isWord(second)) return undefined;
  const [url, folder] = PLAIN_URL.test(first) ? [first, second] : [second, first];
  if (!PLAIN_URL.test(url)) return undefined;
  return `Write: ${typedCommand(program, argv)} ${shellWord(url)} -o ${shellWord(folder)}`;
}

const MISSING: ReadonlySet<string> = new Set([
  'commander.missingMandatoryOptionValue',
  'commander.missingArgument',
]);

/** In the words of every other error; undefined where help was shown. */
export function usageError(
  error: CommanderError,
  program: Command | undefined,
  argv: readonly string[],
): LandfallError | undefined {
  if (error.exitCode === 0 || error.code === 'commander.help') return undefined;
  const message = MISSING.has(error.code) ? mistyped(program, argv) : undefined;
  return new LandfallError(
    'USAGE',
    message ?? error.message.replace(/^error: /, '').replace(/\n(\(Did .*\))$/, '\n    $1'),
    {
      cause: error,
      hint: withOutput(program, argv) ?? `See: ${typedCommand(program, argv)} --help`,
    },
  );
}

/** One of those that can be given many times may be, too. */
const isEmpty = (value: unknown): boolean => value === '' || (Array.isArray(value) && value.includes(''));

/**
 * A variable that is not set makes `-o "$DIR"` empty, and an empty path would be the folder one is in.
 * @throws LandfallError USAGE
 */
export function refuseEmpty(command: Command): void {
  const given: Readonly<Record<string, unknown>> = command.opts();
  const option = command.options.find((each) => isEmpty(given[each.attributeName()]));
  const argument = command.registeredArguments.find((_, at) => command.args[at] === '');
  const empty = option?.long ?? argument?.name();
  if (empty === undefined) return;
  throw new LandfallError('USAGE', `${empty} is empty`, {
    hint: 'Give it a value; is a variable in the command line not set?',
  });
}
