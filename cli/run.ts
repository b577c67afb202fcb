import { Command, CommanderError, Help } from 'commander';
import { LandfallError } from '../shared/errors.ts';
import { homeFolder } from '../shared/home-folder.ts';
import { VERSION } from '../shared/version.ts';
import type { CommandContext, ExitCode } from './command.ts';
import { COMMANDS } from './command-table.ts';
import { helpConfiguration, helpWidth, wrapHelp } from './terminal/help.ts';
import { watchOutput } from './terminal/output.ts';
import { reportError } from './terminal/report-error.ts';
import { columnsOf, type Terminal, writeLine, writeMessage } from './terminal/terminal.ts';
import { refuseEmpty, refuseUnreadable, typedCommand, usageError, withoutFolder } from './usage-error.ts';

const EPILOGUE = `
Try it:
  landfall pull oci://ghcr.io/stefanprodan/manifests/podinfo:latest -o podinfo
  landfall resolve oci://ghcr.io/stefanprodan/manifests/podinfo --semver ">=6.0.0 <7.0.0"
  landfall serve -f sources.yaml --store ./store

Exit codes: 0 done, 1 it failed (the error says what was read, wanted and got), 2 usage or configuration.

landfall COMMAND --help explains a command with examples, landfall help registry the options for registries.`;

async function programFor(argv: readonly string[], context: CommandContext): Promise<Command> {
  const width = helpWidth(columnsOf(context.terminal.stdout));
  const program = new Command('landfall')
    .description(
      'Turns pushes to an OCI registry into deploys: resolve, fetch, verify, unpack by digest, emit.',
    )
    .version(VERSION, '-V, --version', 'print the version')
    .addHelpText('after', EPILOGUE)
    // An option is of the command it stands behind: `receivers test -f` is not `receivers -f`.
    .enablePositionalOptions()
    .hook('preAction', (_, command) => refuseEmpty(command))
    .exitOverride()
    .helpCommand(false)
    .configureHelp(helpConfiguration(new Help()))
    .configureOutput({
      getOutHelpWidth: () => width,
      writeOut: (text) => context.terminal.stdout.write(wrapHelp(text, width)),
      writeErr: (text) => context.terminal.stderr.write(text),
      outputError: () => undefined, // It is thrown too, and told like every other.
    });
  const typed = argv.find((word) => Object.hasOwn(COMMANDS, word));
  for (const [name, { usage, summary, group, load }] of Object.entries(COMMANDS)) {
    const command = program.command(usage).summary(summary).helpGroup(`${group}:`);
    if (name === typed) (await load()).define(command, context);
    else command.option('--json'); // So that help says, as for the others, that there are options.
  }
  return program;
}

/** One that cannot be loaded is told, and missed by what needs it alone. */
async function loadKinds({ stderr }: Terminal): Promise<void> {
  const { loadOwnKinds } = await import('./deploys/own-kinds.ts');
  for (const { code, message, hint } of await loadOwnKinds(process.env)) {
    writeMessage(stderr, `note: ${code}: ${message}; going on without it`);
    if (hint !== undefined) writeLine(stderr, `  next: ${hint}`);
  }
}

/** `help pull` is `pull --help`. */
function asked(argv: readonly string[]): readonly string[] {
  const [first, ...rest] = argv;
  const [named] = rest;
  if (first !== 'help' || (named !== undefined && !Object.hasOwn(COMMANDS, named))) return argv;
  return [...rest, '--help'];
}

/** Whether what fails is wanted as JSON: `-o` is a folder of `pull`. */
const wantsJson = (argv: readonly string[]): boolean =>
  argv.includes('--json') ||
  (argv[0] !== 'pull' && / (?:-o|--output)[ =]?json(?: |$)/.test(` ${argv.join(' ')}`));

/** Runs one command line and says how it ended. The first SIGINT or SIGTERM aborts it; a second ends the process. */
export async function run(typed: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  let program: Command | undefined;
  const output = watchOutput(terminal);
  const report = (error: unknown, json: boolean): ExitCode =>
    reportError(withoutFolder(error), terminal, { json, command: typedCommand(program, typed) });
  const context: CommandContext = {
    terminal,
    commands: COMMANDS,
    run: async (options, action) => {
      const interruption = interruptible(output.ended);
      // AWS's SDK, kubectl, helm and git want one, too.
      process.env['HOME'] ||= homeFolder();
      try {
        if (process.env['LANDFALL_KINDS']) await loadKinds(terminal);
        exitCode = (await action(interruption.signal)) ?? 0;
      } catch (error) {
        exitCode = error === output.ended.reason ? 0 : report(error, options.json === true);
      } finally {
        interruption.release();
      }
    },
  };
  const argv = asked(typed);
  try {
    refuseUnreadable(argv);
    program = await programFor(argv, context);
    await program.parseAsync([...argv], { from: 'user' });
    const unwritable = await output.failure();
    return unwritable === undefined ? exitCode : report(unwritable, false);
  } catch (error) {
    if (!(error instanceof CommanderError)) return report(error, wantsJson(argv));
    const usage = usageError(error, program, argv);
    if (usage !== undefined) return report(usage, wantsJson(argv));
    return error.exitCode === 0 ? 0 : 2;
  }
}

function interruptible(ended: AbortSignal): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const interrupt = (name: NodeJS.Signals): void => {
    if (!controller.signal.aborted) {
      controller.abort(new LandfallError('CANCELLED', `interrupted by ${name}`));
      return;
    }
    // process.exit would wait for a read that never ends: of a pipe nobody writes to, of a network disk that is gone.
    release();
    process.kill(process.pid, name);
  };
  const release = (): void => void process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  return { signal: AbortSignal.any([controller.signal, ended]), release };
}
