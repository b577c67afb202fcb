import type { Command } from 'commander';
import { openDocumentBucket } from '../../local/documents/bucket-documents.ts';
import { type Configured, closedError, openConfiguration } from '../../local/documents/configured.ts';
import { systemClock } from '../../shared/clock.ts';
import { readSecret } from '../../shared/credentials/secret.ts';
import { LandfallError } from '../../shared/errors.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import { shownUrl } from '../../shared/shown-url.ts';
import { loadConfiguration, parseDocuments } from '../../shared/source/document.ts';
import type { Configuration } from '../../shared/source/source.ts';
import { httpsKeys } from '../../shared/trigger/jwt/https-keys.ts';
import { senderOf } from '../../shared/trigger/receivers/senders/senders.ts';
import type { CommandContext, ExitCode } from '../command.ts';
import { deliverSample } from '../deliver-sample.ts';
import { machineSecrets } from '../machine-secrets.ts';
import { receiverNamed, sampleFor, samplePush, sourcesAskedFor, type WantedPush } from '../sample-push.ts';
import { exitCodeOf } from '../terminal/report-error.ts';
import { type Terminal, writeJson, writeLine, writeMessage } from '../terminal/terminal.ts';

interface ReceiversOptions {
  readonly file: readonly string[];
  readonly store?: string;
  readonly url: string;
  readonly json?: boolean;
}

interface TestOptions extends ReceiversOptions, WantedPush {}

const HELP = `
The path of a receiver is derived from its secret: show it only to the registry. It changes with the secret.

Examples:
  landfall receivers -f sources.yaml --url https://landfall.example.org
  landfall receivers --store s3://my-landfall-store --url https://….lambda-url.eu-central-1.on.aws
  landfall receivers test hub -f sources.yaml`;

const TEST_HELP = `
The sample says what the registry would say of a push, and is signed as the registry signs. Whoever gets it looks at
the source as after any push: nothing is changed by it.

Example:
  landfall receivers test hub -f sources.yaml --tag 1.2.0 --url https://landfall.example.org`;

/** As the examples of a registry on the same machine have it. */
const SERVE_URL = 'http://127.0.0.1:5080';

const secrets = machineSecrets();
const keys = httpsKeys({ env: process.env, clock: systemClock });

/** Of files, or of a deployed system's bucket. @throws LandfallError USAGE and what reading them throws */
async function read({ file, store }: ReceiversOptions): Promise<Configuration> {
  if (store === undefined && file.length > 0) return loadConfiguration(file);
  if (store === undefined || file.length > 0) {
    throw new LandfallError('USAGE', 'receivers are read from documents: wanted either -f or --store', {
      hint: 'Give -f sources.yaml, or --store s3://BUCKET for what is deployed.',
    });
  }
  const [objects, { readBucketDocuments }] = await Promise.all([
    openDocumentBucket(store),
    import('../../shared/aws/configuration/source-bucket.ts'),
  ]);
  return parseDocuments(await readBucketDocuments(objects));
}

const open = async (options: ReceiversOptions): Promise<Configured> =>
  openConfiguration(await read(options), { secrets, clock: systemClock, keys });

/** @throws LandfallError USAGE */
function urlOf({ url, store }: ReceiversOptions, path: string): string {
  if (store !== undefined && url === SERVE_URL) {
    throw new LandfallError('USAGE', `where the registry reaches what serves ${store} is not known`, {
      hint: 'Give --url: it is the output ReceiveUrl of the stack.',
    });
  }
  if (/^https?:$/.test(URL.parse(url)?.protocol ?? '')) return `${url.replace(/\/+$/, '')}${path}`;
  throw new LandfallError('USAGE', `--url ${JSON.stringify(shownUrl(url))} is no http:// or https:// URL`);
}

/** Those that are closed are told beside the others; where all are, the first is what it fails with. */
async function list(options: ReceiversOptions, { stdout, stderr }: Terminal): Promise<ExitCode> {
  const { receivers, closed } = await open(options);
  const [first] = closed;
  if (first !== undefined && receivers.length === 0) throw closedError(first);
  const documents = receivers.map(({ entry, path }) => {
    const { name, type, registry } = entry;
    return { name, type, registry, url: urlOf(options, path), how: senderOf(entry).how };
  });
  if (options.json === true) writeJson(stdout, documents);
  else
    for (const { name, type, registry, url, how } of documents)
      for (const line of [`${name} (${type}, ${registry})`, `  ${url}`, `  ${how}`]) writeLine(stdout, line);
  for (const { message, hint } of closed.map(closedError)) {
    writeMessage(stderr, `note: ${message}`);
    if (hint !== undefined) writeLine(stderr, `  next: ${hint}`);
  }
  return first === undefined ? 0 : exitCodeOf(first.error);
}

async function sendSample(
  { name, options }: { readonly name: string; readonly options: TestOptions },
  { stdout }: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const configured = await open(options);
  const closed = configured.closed.find((each) => each.name === name);
  if (closed !== undefined) throw closedError(closed);
  const receiver = receiverNamed(name, configured);
  const entry = configured.configuration.receivers.find((each) => each.name === name);
  const secret = entry === undefined ? '' : await readSecret(entry.secret, secrets);
  const push = samplePush(receiver, options, configured);
  const sample = sampleFor(receiver, push, { secret, now: systemClock.now() });
  await deliverSample(urlOf(options, receiver.path), sample, signal);
  const { repository, tag } = push;
  const sources = sourcesAskedFor(receiver, sample, configured).map(formatSourceId);
  const { type, registry } = receiver.entry;
  if (options.json === true) {
    return writeJson(stdout, { name, type, registry, repository, tag, status: 202, sources });
  }
  writeLine(stdout, `sent a push of ${registry}/${repository}:${tag} to ${name} (${type}), answered 202`);
  const looks = sources.length > 0 ? sources.join(', ') : 'no source: none watches that repository and tag';
  writeLine(stdout, `looks at ${looks}`);
}

/** `-f`, `--url` and `--json` are of both: what stands behind `test` is its own. */
const withOptions = (command: Command, json: string): Command =>
  command
    .option(
      '-f, --file <path>',
      'source document or folder; repeatable',
      (path, before: string[]) => [...before, path],
      [],
    )
    .option('--store <url>', 's3://BUCKET of the deployed system, for its documents')
    .option('--url <url>', 'where serve is reached from the registry', SERVE_URL)
    .option('--json', json);

export function define(receivers: Command, { terminal, run }: CommandContext): void {
  receivers.description('Prints the URL that each receiver answers at, and how the registry has to call it.');
  withOptions(receivers, 'print an array')
    .addHelpText('after', HELP)
    .action((options: ReceiversOptions) => run(options, () => list(options, terminal)));
  const test = receivers
    .command('test')
    .argument('<name>', 'of a receiver')
    .description(
      'Sends a signed sample of a push to a receiver, and says what came back and which source it is for.',
    )
    .option('--repository <name>', 'what was pushed to; default: of the first source it speaks for')
    .option('--tag <tag>', 'what was pushed; default: what that source watches, or latest');
  withOptions(test, 'print an object')
    .addHelpText('after', TEST_HELP)
    .action((name: string, options: TestOptions) =>
      run(options, (signal) => sendSample({ name, options }, terminal, signal)),
    );
}
