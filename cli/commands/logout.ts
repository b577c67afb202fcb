import type { Command } from 'commander';
import { forgetLogin } from '../../shared/credentials/docker/kept-login.ts';
import type { CommandContext } from '../command.ts';
import { typedRegistry } from '../options/typed-registry.ts';
import { writeJson, writeLine } from '../terminal/terminal.ts';

const HELP = `
Forgets a login where docker would have kept it. Logins of podman and Helm, variables and documents stay.

Example:
  landfall logout ghcr.io`;

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description("Takes a login out of docker's configuration.")
    .option('--json', 'print {registry, file, program}')
    .addHelpText('after', HELP)
    .action((typed: string, options: { readonly json?: boolean }) =>
      run(options, async () => {
        const registry = typedRegistry(typed);
        const { file, program } = await forgetLogin(registry, process.env);
        if (options.json === true)
          return writeJson(terminal.stdout, { registry, file, program: program ?? null });
        writeLine(terminal.stdout, `logged out of ${registry}`);
      }),
    );
}
