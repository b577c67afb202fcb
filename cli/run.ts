import { Command, CommanderError, Help } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { LandfallError } from '../shared/errors.ts';
import type { CommandContext, CommandModule, ExitCode } from './command.ts';
import { watchOutput } from './terminal/output.ts';
import { reportError } from './terminal/report-error.ts';
import { type Terminal, writeLine } from './terminal/terminal.ts';
import { refuseEmpty, typedCommand, usageError } from './usage-error.ts';

/** Every command, in the order `--help` shows them. */
const COMMANDS: Readonly<Record<string, () => Promise<CommandModule>>> = {
  serve: () => import('./commands/serve.ts'),
  validate: () => import('./commands/validate.ts'),
  apply: () => import('./commands/apply.ts'),
  explain: () => import('./commands/explain.ts'),
  receivers: () => import('./commands/receivers.ts'),
  resolve: () => import('./commands/resolve.ts'),
  tags: () => import('./commands/tags.ts'),
  verify: () => import('./commands/verify.ts'),
  pull: () => import('./commands/pull.ts'),
  push: () => import('./commands/push.ts'),
  diff: () => import('./commands/diff.ts'),
  get: () => import('./commands/get.ts'),
  status: () => import('./commands/status.ts'),
  history: () => import('./commands/history.ts'),
  reconcile: () => import('./commands/reconcile.ts'),
  suspend: () => import('./commands/suspend.ts'),
  resume: () => import('./commands/resume.ts'),
  rollback: () => import('./commands/rollback.ts'),
  replay: () => import('./commands/replay.ts'),
  approve: () => import('./commands/approve.ts'),
  reject: () => import('./commands/reject.ts'),
  skip: () => import('./commands/skip.ts'),
  deploy: () => import('./commands/deploy.ts'),
  logs: () => import('./commands/logs.ts'),
  fsck: () => import('./commands/fsck.ts'),
  collect: () => import('./commands/collect.ts'),
};

const EPILOGUE = `
Try it:
  landfall pull oci://ghcr.io/stefanprodan/manifests/podinfo:latest -o podinfo
  landfall resolve oci://ghcr.io/stefanprodan/manifests/podinfo --semver ">=6.0.0 <7.0.0"
  landfall serve -f sources.yaml --store ./store

Exit codes: 0 done, 1 it failed (the error says what was read, wanted and got), 2 usage or configuration.
landfall COMMAND --help explains a command with examples.`;

async function programFor(argv: readonly string[], context: CommandContext): Promise<Command> {
  const program = new Command('landfall')
    .description(
      'Turns pushes to an OCI registry into deploys: resolve, fetch, verify, unpack by digest, emit.',
    )
    .version(manifest.version, '-V, --version', 'print the version')
    .addHelpText('after', EPILOGUE)
    // An option is of the command it stands behind: `receivers test -f` is not `receivers -f`.
    .enablePositionalOptions()
    .hook('preAction', (_, command) => refuseEmpty(command))
    .exitOverride()
    // That a list begins empty is no default worth telling.
    .configureHelp({
      optionDescription: (option) => new Help().optionDescription(option).replace(/ ?\(default: \[\]\)$/, ''),
    })
    .configureOutput({
      writeOut: (text) => context.terminal.stdout.write(text),
      writeErr: (text) => context.terminal.stderr.write(text),
      outputError: () => undefined, // It is thrown too, and told like every other.
    });
  const only = COMMANDS[argv[0] ?? ''];
  const modules = await Promise.all((only ? [only] : Object.values(COMMANDS)).map((load) => load()));
  for (const module of modules) module.add(program, context);
  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program);
  return program;
}

/** One that cannot be loaded is told, and missed by what needs it alone. */
async function loadKinds({ stderr }: Terminal): Promise<void> {
  const { loadOwnKinds } = await import('./own-kinds.ts');
  for (const { code, message, hint } of await loadOwnKinds(process.env)) {
    writeLine(stderr, `note: ${code}: ${message}; going on without it`);
    if (hint !== undefined) writeLine(stderr, `  next: ${hint}`);
  }
}

/** Runs one command line and says how it ended. The first SIGINT or SIGTERM aborts it; a second ends the process. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  let program: Command | undefined;
  const output = watchOutput(terminal);
  const report = (error: unknown, json: boolean): ExitCode =>
    reportError(error, terminal, { json, command: typedCommand(program, argv) });
  const context: CommandContext = {
    terminal,
    run: async (options, action) => {
      const interruption = interruptible(output.ended);
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
  try {
    program = await programFor(argv, context);
    await program.parseAsync([...argv], { from: 'user' });
    const unwritable = await output.failure();
    return unwritable === undefined ? exitCode : report(unwritable, false);
  } catch (error) {
    if (!(error instanceof CommanderError)) return report(error, argv.includes('--json'));
    const usage = usageError(error, program, argv);
    if (usage !== undefined) return report(usage, argv.includes('--json'));
    return error.exitCode === 0 ? 0 : 2;
  }
}

function interruptible(ended: AbortSignal): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const interrupt = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new LandfallError('CANCELLED', `interrupted by ${name}`));
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  return {
    signal: AbortSignal.any([controller.signal, ended]),
    release: () => void process.off('SIGINT', interrupt).off('SIGTERM', interrupt),
  };
}
