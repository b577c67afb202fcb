import type { Command } from 'commander';
import type { RunningConsole } from '../../console/server.ts';
import { machineClusters } from '../../local/deploys/machine-clusters.ts';
import { loadDocuments } from '../../local/documents/documents.ts';
import { watchDocuments } from '../../local/documents/watch-documents.ts';
import { type Serving, serve } from '../../local/serve.ts';
import { systemClock } from '../../shared/clock.ts';
import type { ExplainingAccessResolver } from '../../shared/credentials/access-resolver.ts';
import { knownSecrets } from '../../shared/credentials/known-secrets.ts';
import { LandfallError } from '../../shared/errors.ts';
import { abortable } from '../../shared/kernel/abortable.ts';
import { background } from '../../shared/kernel/background.ts';
import { THREADS } from '../../shared/limits.ts';
import { createLog, type Log, type LogLevel } from '../../shared/log.ts';
import { threadsMade } from '../../shared/registry/names/shared-lookup.ts';
import { formatProblem } from '../../shared/source/problem.ts';
import type { Configuration } from '../../shared/source/source.ts';
import type { CommandContext, ExitCode } from '../command.ts';
import { machineSecrets } from '../machine-secrets.ts';
import { parseListen } from '../options/listen-option.ts';
import { addPolicyOption, type PolicyOptions } from '../options/policy-options.ts';
import { addRegistryOptions, openRegistry, type RegistryOptions } from '../options/registry-options.ts';
import { addStoreOption, openExistingStore, type StoreOptions } from '../options/store-options.ts';
import { untilAborted } from '../options/until-aborted.ts';
import { type Terminal, writeJson, writeLine } from '../terminal/terminal.ts';

interface ServeOptions extends RegistryOptions, StoreOptions, PolicyOptions {
  readonly file: readonly string[];
  readonly listen?: string;
  readonly metrics?: string;
  readonly console?: string;
  readonly once?: boolean;
  readonly concurrency: string;
  readonly perAddress?: string;
  readonly collect: boolean;
  readonly logFormat?: string;
  readonly logLevel: string;
  readonly json?: boolean;
}

const HELP = `
Follows every source of the documents: by its interval, by webhooks, and by landfall reconcile. What it lands is in
the store under its digest; every new revision is an event in the store's log and goes to the deploys. The documents
are read again when they change. Ctrl-C ends what is under way; nothing is lost, and the next start carries on.

On a bucket (--store s3://…) what is this machine's alone, such as the log of its events, is in LANDFALL_STATE, by default
~/.local/state/landfall. Deploys that need a folder (command, directory) do not run there.

Examples:
  landfall serve -f sources.yaml --store ./store
  landfall serve -f sources.yaml --store s3://my-store                   # a bucket, from this machine
  landfall serve -f ./sources --store ./store --listen 0.0.0.0:5080      # takes webhooks: see landfall receivers
  landfall serve -f ./sources --store ./store --metrics 127.0.0.1:9464   # for Prometheus, and probes
  landfall serve -f ./sources --store ./store --console 127.0.0.1:5081   # to look at in a browser
  landfall serve -f sources.yaml --store ./store --once                  # each source once; exit 1 if one is not ready`;

const LEVELS: readonly string[] = ['debug', 'info', 'warn', 'error'] satisfies LogLevel[];

function openLog({ logFormat, logLevel }: ServeOptions, { stderr }: Terminal): Log {
  const format = logFormat ?? (stderr.isTTY === true ? 'text' : 'json');
  if (format !== 'text' && format !== 'json')
    throw new LandfallError('USAGE', `--log-format ${JSON.stringify(format)} is neither text nor json`);
  if (!LEVELS.includes(logLevel))
    throw new LandfallError(
      'USAGE',
      `--log-level ${JSON.stringify(logLevel)} is none of ${LEVELS.join(', ')}`,
    );
  return createLog({
    format,
    level: logLevel as LogLevel,
    now: Date.now,
    write: (line) => writeLine(stderr, line),
    mask: (text) => knownSecrets.mask(text),
  });
}

function parseCount(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 1024) return value;
  throw new LandfallError('USAGE', `${flag} ${JSON.stringify(text)} is not a number from 1 to 1024`);
}

const listenOption = ({ listen = '', perAddress }: ServeOptions) => ({
  ...parseListen('--listen', listen),
  ...(perAddress !== undefined && { perAddress: parseCount('--per-address', perAddress) }),
});

async function settle(
  serving: Serving,
  options: ServeOptions,
  { stdout }: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const readiness = await abortable(serving.settled(), signal);
  const { ready, suspended, notReady, deploys, problems } = readiness;
  if (options.json === true) writeJson(stdout, readiness);
  else {
    const failed = notReady.length === 0 ? '' : `; not ready: ${notReady.join(', ')}`;
    const lost = deploys.failed.length === 0 ? '' : `; deploys that failed: ${deploys.failed.join(', ')}`;
    const refused = problems.length === 0 ? '' : `; refused in the documents: ${problems.length}`;
    const counts = `${ready} ready, ${suspended} suspended, ${notReady.length} not ready`;
    writeLine(stdout, `${counts}${failed}${lost}${refused}`);
  }
  return notReady.length + deploys.failed.length + problems.length === 0 ? 0 : 1;
}

function announce(
  { url, metricsUrl }: Serving,
  opened: RunningConsole | undefined,
  options: ServeOptions,
  { stdout }: Terminal,
): void {
  if (options.once === true) return;
  if (options.json === true) {
    writeJson(stdout, {
      listening: url ?? null,
      ...(metricsUrl !== undefined && { metrics: metricsUrl }),
      ...(opened && { console: opened.url }),
    });
    return;
  }
  writeLine(
    stdout,
    url === undefined ? 'serving; webhooks are not listened for (--listen HOST:PORT)' : `listening on ${url}`,
  );
  if (metricsUrl !== undefined) writeLine(stdout, `metrics on ${metricsUrl}/metrics`);
  if (opened !== undefined) writeLine(stdout, `console at ${opened.url}`);
}

/** It reads the store as any command does, and is loaded by who wants it alone. */
async function openConsoleOf(
  options: ServeOptions,
  log: Log,
  signal: AbortSignal,
): Promise<RunningConsole | undefined> {
  if (options.console === undefined || options.once === true) return undefined;
  const { openConsole } = await import('../console/open-console.ts');
  const store = await openExistingStore(options);
  return openConsole({ store, address: parseListen('--console', options.console), log, signal });
}

/** An empty file, or one of somebody else's documents, is no error: it may be written later. */
function warnIdle(
  { sources, stalled, problems = [] }: Configuration,
  { file }: ServeOptions,
  log: Log,
): void {
  if (sources.length + stalled.length + problems.length > 0) return;
  log('warn', 'nothing is watched: there is no source in the documents', { file: file.join(' ') });
}

/** Registries would call in vain, and nobody would know. */
function warnUnheard({ receivers }: Configuration, { listen, once }: ServeOptions, log: Log): void {
  if (listen !== undefined || once === true || receivers.length === 0) return;
  log('warn', 'webhooks of receivers are not listened for', {
    receivers: receivers.map(({ name }) => name).join(' '),
    next: 'Start serve with --listen HOST:PORT.',
  });
}

/** Takes changed documents with their credentials: those first, as what is looked at anew may need them. */
const withCredentials = (
  serving: Serving,
  access: ExplainingAccessResolver,
): Pick<Serving, 'replace' | 'faults'> => ({
  faults: serving.faults,
  replace: (changed, options) => {
    access.replace(changed.credentials);
    return serving.replace(changed, options);
  },
});

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description('Follows the sources of documents over a store in a folder.')
    .requiredOption(
      '-f, --file <path>',
      'source document or folder of them; repeatable',
      (path: string, before: readonly string[] | undefined) => [...(before ?? []), path],
    )
    .option('--listen <host:port>', 'take webhooks there; port 0 picks one and prints it')
    .option(
      '--per-address <n>',
      'connections that one address may hold, default 64; behind a proxy all have its address',
    )
    .option(
      '--metrics <host:port>',
      'answer /metrics of Prometheus, /readyz and /livez there; port 0 picks one',
    )
    .option('--console <host:port>', 'show sources, deploys and events in a browser there')
    .option(
      '--once',
      'look at every source once; exit 1 if one is not ready, a deploy failed, or a document is refused',
    )
    .option('--concurrency <n>', 'sources looked at at the same time', '32')
    .option('--no-collect', 'do not delete daily what nothing names any more')
    .option('--log-format <format>', 'text or json; default: text on a terminal')
    .option('--log-level <level>', 'debug, info, warn or error', 'info')
    .option('--json', 'print where it listens, or with --once how the sources stand, as JSON')
    .addHelpText('after', HELP);
  addRegistryOptions(addStoreOption(addPolicyOption(command)));
  command.action((options: ServeOptions) =>
    run(options, async (signal) => {
      threadsMade(THREADS);
      const log = openLog(options, terminal);
      const listen = options.listen === undefined ? undefined : listenOption(options);
      const metrics = options.metrics === undefined ? undefined : parseListen('--metrics', options.metrics);
      const concurrency = parseCount('--concurrency', options.concurrency);
      const clusters = machineClusters({ clock: systemClock, env: process.env, log });
      const paths = { ...options, clusters };
      const loaded = await loadDocuments(paths, { signal });
      const { configuration } = loaded;
      for (const { place, message } of configuration.notices) log('warn', message, { place });
      for (const problem of loaded.inForce.problems)
        log('error', 'document is refused', {
          code: problem.code,
          error: formatProblem(problem),
          next: 'Correct the document and run landfall validate.',
        });
      await using registry = openRegistry(options, configuration.credentials, (why) =>
        log('warn', 'a login could not be read, and was not asked for a credential', { why }),
      );
      const secrets = machineSecrets();
      const serving = await serve({
        configuration,
        problems: [...loaded.inForce.problems.map(formatProblem), ...[loaded.clusterFault ?? []].flat()],
        isUnsure: loaded.isUnsure === true,
        where: options.store,
        registry: registry.client,
        ...(listen && options.once !== true && { listen }),
        ...(metrics && options.once !== true && { metrics }),
        concurrency,
        once: options.once === true,
        collect: options.collect,
        secrets,
        log,
      });
      try {
        await using opened = await openConsoleOf(options, log, signal);
        announce(serving, opened, options, terminal);
        warnIdle(configuration, options, log);
        warnUnheard(configuration, options, log);
        if (options.once === true) return await settle(serving, options, terminal, signal);
        const watching = watchDocuments(paths, {
          loaded,
          serving: withCredentials(serving, registry.access),
          unread: (why) => serving.unread(why),
          onRead: (changed) => {
            warnIdle(changed, options, log);
            warnUnheard(changed, options, log);
          },
          log,
          clock: systemClock,
          signal,
        });
        background('looking for changed documents', watching, log);
        await untilAborted(signal);
        log('info', 'stopping');
        return 0;
      } finally {
        await serving.close();
      }
    }),
  );
}
