import { writeFile } from 'node:fs/promises';
import { createInterface, type Interface } from 'node:readline/promises';
import type { Command } from 'commander';
import { errnoOf, LandfallError } from '../../shared/errors.ts';
import { parseTypedReference } from '../../shared/oci/typed-reference.ts';
import { shellWord } from '../../shared/shell-word.ts';
import type { CommandContext } from '../command.ts';
import { type FirstDocument, firstDocument, nameOf } from '../first-document.ts';
import { deadline } from '../options/deadline.ts';
import { speaksPlainHttp } from '../plain-http.ts';
import { type Terminal, writeJson, writeLine, writeMessage } from '../terminal/terminal.ts';

interface InitOptions extends Partial<FirstDocument> {
  readonly file: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

const HELP = `
Asks where a person can answer, for what no option says; elsewhere --url is wanted, and the rest has defaults.

Examples:
  landfall init
  landfall init --url oci://ghcr.io/stefanprodan/manifests/podinfo --semver ">=6.0.0 <7.0.0" --namespace web
  landfall init --url oci://localhost:5000/web/site --tag stable --plain-http --target ./live`;

/** The answer, or the default where there is none. */
async function ask(
  asking: Interface,
  question: string,
  otherwise: string,
  signal: AbortSignal,
): Promise<string> {
  const shown = otherwise === '' ? '' : ` [${otherwise}]`;
  const answer = (await asking.question(`${question}${shown}: `, { signal })).trim();
  return answer === '' ? otherwise : answer;
}

async function askUrl(asking: Interface, { stderr }: Terminal, signal: AbortSignal): Promise<string> {
  for (;;) {
    const url = await ask(asking, 'What is watched, as oci://HOST/REPOSITORY', '', signal);
    try {
      parseTypedReference(url);
      return url;
    } catch (error) {
      if (!(error instanceof LandfallError)) throw error;
      writeMessage(stderr, `  ${error.message}${error.hint === undefined ? '' : `. ${error.hint}`}`);
    }
  }
}

const PROBE_TIMEOUT = '5s';

/** Whether a registry answers over HTTP alone, and may. One that does not answer may come up later: nothing is asked. */
async function askPlainHttp(
  asking: Interface,
  url: string,
  { stderr }: Terminal,
  signal: AbortSignal,
): Promise<boolean> {
  const { registry } = parseTypedReference(url);
  if (!(await speaksPlainHttp(registry, deadline(signal, PROBE_TIMEOUT, registry)))) return false;
  writeLine(
    stderr,
    `  ${registry} answers plain HTTP, and no TLS: what it sends can be read and changed on its way`,
  );
  return /^y(?:es)?$/i.test(await ask(asking, 'Take it as it is, yes or no', 'yes', signal));
}

/** Asks for what the options do not say. */
async function asked(options: InitOptions, terminal: Terminal, signal: AbortSignal): Promise<FirstDocument> {
  const asking = createInterface({ input: process.stdin, output: terminal.stderr });
  try {
    const url = options.url ?? (await askUrl(asking, terminal, signal));
    const { repository } = parseTypedReference(url);
    const name = options.name ?? (await ask(asking, 'Its name here', nameOf(repository), signal));
    const namespace = options.namespace ?? (await ask(asking, 'The team that owns it', 'default', signal));
    const ref =
      options.semver ??
      options.tag ??
      (await ask(asking, 'Which tag, or which range of versions, e.g. ">=1.0.0 <2.0.0"', 'latest', signal));
    const isRange =
      options.semver !== undefined || (options.tag === undefined && /[<>=^~*\s]|\.x\b/.test(ref));
    const target =
      options.target ??
      (await ask(asking, 'A link to switch to what is current (nothing: none)', '', signal));
    const { interval } = options;
    const plainHttp = options.plainHttp ?? (await askPlainHttp(asking, url, terminal, signal));
    const which = isRange ? { semver: ref } : { tag: ref };
    return {
      url,
      name,
      namespace,
      interval,
      plainHttp,
      ...which,
      target: target === '' ? undefined : target,
    };
  } finally {
    asking.close();
  }
}

function given({ url, ...options }: InitOptions): FirstDocument {
  if (url !== undefined) return { url, ...options };
  throw new LandfallError('USAGE', 'nobody can be asked here, and --url is not given', {
    hint: 'Give --url oci://HOST/REPOSITORY, with --semver or --tag; or run it in a terminal.',
  });
}

async function write(path: string, document: string, force: boolean): Promise<void> {
  try {
    await writeFile(path, document, { flag: force ? 'w' : 'wx' });
  } catch (cause) {
    const isThere = errnoOf(cause) === 'EEXIST';
    throw new LandfallError(
      'USAGE',
      isThere ? `${path} is there already` : `${path} cannot be written: ${errnoOf(cause) ?? String(cause)}`,
      {
        cause,
        hint: isThere ? 'Give another with -f, or replace it with --force.' : 'Give another with -f.',
      },
    );
  }
}

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description('Writes a first source document, by asking or by options.')
    .option('-f, --file <path>', 'where to', 'sources.yaml')
    .option('--url <url>', 'what is watched: oci://HOST/REPOSITORY')
    .option('--name <name>', 'its name; default: the last part of the repository')
    .option('--namespace <namespace>', 'the team that owns it; default: default')
    .option('--semver <range>', 'the highest version in a range')
    .option('--tag <tag>', 'a tag; default: latest')
    .option('--interval <duration>', 'how often it is looked at; default: 5m')
    .option('--plain-http', "the registry is one's own: http")
    .option('--target <path>', 'a link to switch to what is current')
    .option('--force', 'replace the file')
    .option('--json', 'print {file, document}')
    .addHelpText('after', HELP);
  command.action((options: InitOptions) =>
    run(options, async (signal) => {
      const isAsking = process.stdin.isTTY === true && terminal.stderr.isTTY === true;
      const first = isAsking ? await asked(options, terminal, signal) : given(options);
      const document = firstDocument(first);
      await write(options.file, document, options.force === true);
      if (options.json === true) return writeJson(terminal.stdout, { file: options.file, document });
      writeLine(terminal.stdout, `wrote ${options.file}`);
      writeLine(terminal.stderr, `next: landfall serve -f ${shellWord(options.file)} --store ./store`);
    }),
  );
}
