import type { Command } from 'commander';
import { LandfallError } from '../../shared/errors.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import { loadConfiguration } from '../../shared/source/document.ts';
import { readPolicies } from '../../shared/source/policy-document.ts';
import type { Configuration } from '../../shared/source/source.ts';
import type { InstallationPolicy } from '../../shared/verify/policy/installation-policy.ts';
import type { CommandContext } from '../command.ts';
import { addPolicyOption, type PolicyOptions } from '../options/policy-options.ts';
import { type Terminal, writeJson, writeLine } from '../terminal/terminal.ts';

const HELP = `
Reads files or folders as serve does, and reports every problem with its file, line and key. Nothing is contacted.

Examples:
  landfall validate sources.yaml
  landfall validate -f ./sources --json`;

interface ValidateOptions extends PolicyOptions {
  readonly file: readonly string[];
  readonly json?: boolean;
}

function writePolicies(
  policies: readonly InstallationPolicy[],
  { json }: ValidateOptions,
  { stdout }: Terminal,
): void {
  const names = policies.map(({ name }) => name);
  if (json === true) writeJson(stdout, { policies: names });
  else writeLine(stdout, `valid: ${names.length} policies`);
}

const addPath = (path: string, before: readonly string[]): readonly string[] => [...before, path];

const NO_SOURCE = '; no source is in these documents, so nothing would ever land';

const summaryOf = ({ sources, credentials, receivers, deploys, notify, notices }: Configuration) => ({
  sources: sources.map(formatSourceId),
  credentials: credentials.length,
  receivers: receivers.map(({ name }) => name),
  deploys: deploys.map(({ name }) => name),
  ...(notify.length > 0 && { notify: notify.map(({ name }) => name) }),
  notices,
});

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description('Checks source documents: files, or folders of them.')
    .option('-f, --file <path>', 'the same as a path, as serve takes it; repeatable', addPath, [])
    .option('--json', 'print what was read')
    .addHelpText('after', HELP);
  addPolicyOption(command).action((named: string[], options: ValidateOptions) =>
    run(options, async () => {
      const paths = [...named, ...options.file];
      const policies = options.policies.length > 0 ? await readPolicies(options.policies) : undefined;
      if (paths.length === 0 && policies !== undefined) return writePolicies(policies, options, terminal);
      if (paths.length === 0) throw new LandfallError('USAGE', "missing required argument 'paths'");
      const configuration = await loadConfiguration(paths);
      const summary = summaryOf(configuration);
      if (options.json === true) return writeJson(terminal.stdout, summary);
      for (const { place, message } of configuration.notices)
        writeLine(terminal.stderr, `${place}: note: ${message}`);
      const { sources, receivers, deploys, credentials, notify = [] } = summary;
      const told = notify.length === 0 ? '' : `, ${notify.length} notify`;
      if (sources.length === 0)
        writeLine(terminal.stderr, `note: nothing is watched: there is no source in ${paths.join(', ')}`);
      writeLine(
        terminal.stdout,
        `valid: ${sources.length} sources, ${credentials} credentials, ${receivers.length} receivers, ${deploys.length} deploys${told}${sources.length === 0 ? NO_SOURCE : ''}`,
      );
    }),
  );
}
