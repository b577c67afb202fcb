import { Command } from 'commander';
import { LandfallError } from '../../shared/errors.ts';
import type { CommandContext } from '../command.ts';
import { complete } from '../complete.ts';
import { SHELLS } from '../completion-scripts.ts';
import { writeLine, writeText } from '../terminal/terminal.ts';

const HELP = `
Sources, deploys and revisions are those of the store that the line names, or LANDFALL_STORE.

Examples:
  source <(landfall completion bash)                               # in ~/.bashrc
  source <(landfall completion zsh)                                # in ~/.zshrc, after compinit
  landfall completion fish > ~/.config/fish/completions/landfall.fish`;

/** What the scripts ask with: `landfall completion words -- status web/`. The last word is being typed, perhaps empty. */
const ASKED = 'words';

/** The command that the words name, the innermost. */
async function namedCommand(words: readonly string[], context: CommandContext) {
  const { commands } = context;
  const [name = '', second = ''] = words;
  const listed = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (listed === undefined) return undefined;
  const outer = new Command('landfall').command(listed.usage);
  (await listed.load()).define(outer, context);
  const inner = words.length > 2 ? outer.commands.find((command) => command.name() === second) : undefined;
  return inner === undefined ? { command: outer, from: 1 } : { command: inner, from: 2 };
}

/** Candidates, a line each; a line that is `:path` where it is one. */
async function answer(words: readonly string[], context: CommandContext): Promise<void> {
  const word = words.at(-1) ?? '';
  const { terminal, commands } = context;
  if (words.length <= 1) {
    const names = Object.keys(commands).filter((name) => name.startsWith(word));
    for (const name of [...names, ...['help'].filter((name) => name.startsWith(word))])
      writeLine(terminal.stdout, name);
    return;
  }
  const named = await namedCommand(words, context);
  if (named === undefined) return;
  const { command, from } = named;
  const candidates = await complete({ command, before: words.slice(from, -1), word });
  for (const each of candidates ?? [':path']) writeLine(terminal.stdout, each);
}

/** @throws LandfallError USAGE */
function scriptOf(shell = ''): string {
  const script = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
  if (script !== undefined) return script;
  throw new LandfallError('USAGE', `${JSON.stringify(shell)} is none of ${Object.keys(SHELLS).join(', ')}`, {
    hint: 'E.g. landfall completion bash',
  });
}

export function define(command: Command, context: CommandContext): void {
  command
    .description('Prints a script that has bash, zsh or fish complete commands.')
    .addHelpText('after', HELP);
  command.action((shell: string | undefined, words: string[]) =>
    context.run({}, async () => {
      if (shell === ASKED) return answer(words, context);
      writeText(context.terminal.stdout, scriptOf(shell));
    }),
  );
}
