import type { Command } from 'commander';
import { systemClock } from '../../shared/clock.ts';
import { keepLogin } from '../../shared/credentials/docker/kept-login.ts';
import { knownSecrets } from '../../shared/credentials/known-secrets.ts';
import { LandfallError } from '../../shared/errors.ts';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import type { AccessResolver } from '../../shared/registry/client.ts';
import { createRegistryClient } from '../../shared/registry/create-client.ts';
import { shellWord } from '../../shared/shell-word.ts';
import type { CommandContext } from '../command.ts';
import { deadline } from '../options/deadline.ts';
import { addRegistryOptions, openRegistry, type RegistryOptions } from '../options/registry-options.ts';
import { typedRegistry } from '../options/typed-registry.ts';
import { askSecret, readPiped } from '../terminal/read-secret.ts';
import { type Terminal, writeJson, writeLine } from '../terminal/terminal.ts';

interface LoginOptions extends RegistryOptions {
  readonly username?: string;
  readonly passwordStdin?: boolean;
  readonly timeout: string;
  readonly json?: boolean;
}

const HELP = `
Tries the login, and keeps it where docker would: with the credential helper that docker's config.json names, else in
that file ($DOCKER_CONFIG, or ~/.docker). docker, helm, oras, flux and Landfall find it there. Nothing is kept that was refused.

Examples:
  echo "$TOKEN" | landfall login ghcr.io -u me --password-stdin
  landfall login localhost:5000 -u me --plain-http`;

async function readPassword(
  registry: string,
  { username, passwordStdin }: LoginOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<{ readonly username: string; readonly password: string }> {
  if (username === undefined || username === '' || username.includes(':'))
    throw new LandfallError('USAGE', 'whose login it is has to be said, and a user has no ":" in its name', {
      hint: `Write: landfall login ${shellWord(registry)} -u USER --password-stdin`,
    });
  if (passwordStdin === true) return { username, password: await readPiped('the password') };
  if (process.stdin.isTTY !== true)
    throw new LandfallError('USAGE', 'no terminal to ask for the password on', {
      hint: 'Pipe it in: echo "$TOKEN" | landfall login … --password-stdin',
    });
  return { username, password: await askSecret(`Password of ${username} at ${registry}`, terminal, signal) };
}

/** What is typed now is tried, whatever else is known of the registry. */
const withLogin = (
  base: AccessResolver,
  login: { readonly username: string; readonly password: string },
): AccessResolver => ({
  access: async (repository) => ({
    ...(await base.access(repository)),
    credential: { kind: 'basic', ...login },
    given: 'user and password of this login',
  }),
});

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description("Tries a login and keeps it in docker's configuration.")
    .option('-u, --username <user>', 'whose login it is')
    .option('--password-stdin', 'read the password, or token, from stdin; else it is asked for')
    .option('--timeout <duration>', 'for everything', '60s')
    .option('--json', 'print {registry, username, tried, file, program}')
    .addHelpText('after', HELP);
  addRegistryOptions(command).action((typed: string, options: LoginOptions) =>
    run(options, async (interrupted) => {
      const registry = typedRegistry(typed);
      const login = await readPassword(registry, options, terminal, interrupted);
      knownSecrets.note(login.password);
      await using opened = openRegistry(options, [], () => undefined);
      const client = createRegistryClient({
        access: withLogin(opened.access, login),
        clock: systemClock,
        limits: DEFAULT_LIMITS,
        env: process.env,
      });
      let tried: boolean;
      try {
        const outcome = await client.logIn(registry, {
          signal: deadline(interrupted, options.timeout, registry),
        });
        tried = outcome === 'taken';
      } finally {
        await client.close();
      }
      const { file, program } = await keepLogin({ registry, ...login }, process.env);
      if (program === undefined)
        writeLine(
          terminal.stderr,
          `note: the password stands in ${file}, readable by you alone, not encrypted; a credential helper (credsStore) would keep it better`,
        );
      if (options.json === true)
        return writeJson(terminal.stdout, {
          registry,
          username: login.username,
          tried,
          file,
          program: program ?? null,
        });
      const { username } = login;
      if (tried) return writeLine(terminal.stdout, `logged in to ${registry} as ${username}`);
      writeLine(
        terminal.stderr,
        `note: ${registry} answers everybody, so that the password was not tried: whether it is right shows where something private is asked for`,
      );
      writeLine(terminal.stdout, `kept the login of ${username} for ${registry}, untried`);
    }),
  );
}
