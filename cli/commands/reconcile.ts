import type { Command } from 'commander';
import { makeStore } from '../../local/store/open-store.ts';
import { servedHere } from '../../local/store/state-folder.ts';
import { isS3Location } from '../../shared/aws/s3/location.ts';
import { systemClock } from '../../shared/clock.ts';
import { errorCodeOf, LandfallError } from '../../shared/errors.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import type { Failure, Status } from '../../shared/model/status.ts';
import type { CommandContext } from '../command.ts';
import { untilDeployed } from '../deploys/wait-deploys.ts';
import { deadline } from '../options/deadline.ts';
import { addNamespaceOption, type NamespaceOptions, namespaceOf } from '../options/namespace-option.ts';
import {
  addOutputOptions,
  type FormatOptions,
  OF_DOCUMENTS,
  wroteDocument,
} from '../options/output-options.ts';
import { addPolicyOption, type PolicyOptions } from '../options/policy-options.ts';
import { addRegistryOptions, type RegistryOptions } from '../options/registry-options.ts';
import { parseSourceId } from '../options/source-id.ts';
import { addStoreOption, openExistingStore, type StoreOptions } from '../options/store-options.ts';
import { ANSWER_MS, askServe, DEPLOYED_ANSWER_MS, postTo, reconcileHere } from '../reconcile-source.ts';
import { writeLine } from '../terminal/terminal.ts';

interface ReconcileOptions
  extends PolicyOptions,
    RegistryOptions,
    StoreOptions,
    FormatOptions,
    NamespaceOptions {
  readonly file: readonly string[];
  readonly queue?: string;
  readonly wait?: boolean;
  readonly deploys?: boolean;
  readonly timeout: string;
}

const HELP = `
Where serve runs on the store, it is asked to look at the source; --wait waits for the answer. Where nobody serves,
the command looks itself, and needs the documents (-f). A failure that was given up on is tried again.

Examples:
  landfall reconcile web/site --store ./store --wait
  landfall reconcile web/site --store ./store --wait --deploys
  landfall reconcile web/site --store ./store -f sources.yaml
  landfall reconcile web/site --store s3://my-store --queue https://sqs.eu-central-1.amazonaws.com/…/landfall.fifo`;

/** What this look failed with: a registry that is down now is told before what has been wrong for longer. */
function lastFailure({ conditions }: Status, { code, message, hint }: Failure): LandfallError {
  const ready = conditions.find(({ type }) => type === 'Ready');
  if (ready?.status !== 'False' || ready.reason === code)
    return new LandfallError(errorCodeOf(code), message, hint === null ? {} : { hint });
  const next = `Before that it failed with ${code}: ${message}${hint === null ? '' : `. ${hint}`}`;
  return new LandfallError(errorCodeOf(ready.reason), ready.message, { hint: next });
}

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description('Reconciles a source now, through the process that serves the store or, without one, here.')
    .option(
      '-f, --file <path>',
      'source document or folder, where nobody serves; repeatable',
      (path, before: string[]) => [...before, path],
      [],
    )
    .option(
      '--queue <url>',
      'the queue of a deployed Landfall, for --store s3://…',
      process.env['LANDFALL_QUEUE_URL'] || undefined,
    )
    .option('--wait', 'wait until it was looked at, and exit 1 if that failed')
    .option('--deploys', 'with --wait: until its deploys are through, too, and exit 1 if one failed')
    .option('--timeout <duration>', 'how long to wait', '5m')
    .addHelpText('after', HELP);
  addOutputOptions(command, 'print the status document', OF_DOCUMENTS);
  for (const addOptions of [addPolicyOption, addStoreOption, addNamespaceOption, addRegistryOptions])
    addOptions(command);
  command.action((text: string, options: ReconcileOptions) =>
    run(options, async (interrupted) => {
      const id = parseSourceId(text, namespaceOf(options));
      if (options.deploys === true && options.wait !== true)
        throw new LandfallError('USAGE', '--deploys says how long --wait waits, which is not given', {
          hint: 'Give both: --wait --deploys',
        });
      // With documents it may be the first reconcile of all; without them there has to be something.
      if (options.file.length > 0 && !isS3Location(options.store)) await makeStore(options.store);
      await using store = await openExistingStore(options);
      const signal = deadline(interrupted, options.timeout, text);
      const served = await servedHere(store, options.queue);
      const isServed = store.kind === 's3' || served !== undefined;
      if (options.deploys === true && !isServed)
        throw new LandfallError('USAGE', `no serve runs on ${options.store}, so nobody runs its deploys`, {
          hint: 'Run landfall serve --once -f sources.yaml, which runs them; or leave --deploys out.',
        });
      const status =
        store.kind === 'directory' && !isServed
          ? await reconcileHere(id, store, options, terminal, signal)
          : await askServe(id, store, {
              ...postTo(id, { store, served }, options),
              wait: options.wait === true,
              signal,
              clock: systemClock,
            });
      const isAnswered = !isServed || options.wait === true;
      // One that is suspended was not looked at: what it failed with before is no answer.
      if (isAnswered && status.suspended === null && status.failure !== null)
        throw lastFailure(status, status.failure);
      const everyMs = store.kind === 's3' ? DEPLOYED_ANSWER_MS : ANSWER_MS;
      const deployed =
        options.deploys === true && status.suspended === null
          ? await untilDeployed(status, { store, everyMs, signal })
          : [];
      if (await wroteDocument(status, options, terminal)) return;
      const at =
        status.current === null
          ? 'nothing landed yet'
          : `at ${status.current.revision}, generation ${status.current.generation}`;
      writeLine(terminal.stdout, `${formatSourceId(id)}: ${isAnswered ? at : 'asked for'}`);
      if (deployed.length > 0) writeLine(terminal.stdout, `deployed by ${deployed.join(', ')}`);
      if (status.suspended !== null)
        writeLine(
          terminal.stderr,
          `it is suspended and was not looked at; landfall resume ${formatSourceId(id)} ends it`,
        );
    }),
  );
}
