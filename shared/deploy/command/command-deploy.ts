import { isAbsolute } from 'node:path';
import { knownSecrets } from '../../credentials/known-secrets.ts';
import { errnoOf, LandfallError } from '../../errors.ts';
import { COMMAND_GRACE_MS, COMMAND_STDERR_CHARACTERS } from '../../limits.ts';
import { printableLines } from '../../printable.ts';
import { type DefinedDeploy, type DeployDefinition, defineDeploy } from '../kit/define-deploy.ts';
import type { DeployContext } from '../kit/deploy-context.ts';
import { deployFailed, needsFolder } from '../kit/failures.ts';
import { type CommandSettings, commandSettings } from './command-settings.ts';
import { OutputLines } from './output-lines.ts';
import { programFault } from './program-fault.ts';
import { type Ended, runCommand } from './run-command.ts';
import { MaskedTail, secretsIn } from './secret-mask.ts';

interface CommandInput extends DeployContext<CommandSettings> {
  /** Where it runs: a folder of this machine. */
  readonly directory: string;
}

const AGAIN = 'Correct the command; then `landfall replay SOURCE --deploy NAME` runs it again.';
const LATER = 'See why it asked to be tried again; it is tried again.';
const LONGER = 'See what it waited for, or raise `timeout` of the deploy; it is tried again.';
/** The system has no room for another process at the moment. */
const FULL: readonly (string | undefined)[] = ['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE'];

function environment({ revision, event, directory }: CommandInput): NodeJS.ProcessEnv {
  const { namespace, name } = event.detail;
  return {
    ...process.env,
    LANDFALL_SOURCE: `${namespace}/${name}`,
    LANDFALL_DIRECTORY: directory,
    LANDFALL_REVISION: revision.revision,
    LANDFALL_DIGEST: revision.digest,
    LANDFALL_CONTENT_DIGEST: revision.contentDigest,
    LANDFALL_GENERATION: String(revision.generation),
  };
}

function notRun({ deploy, settings: own, directory }: CommandInput, cause: unknown): LandfallError {
  const errno = errnoOf(cause);
  const code = FULL.includes(errno) ? 'DEPLOY_UNAVAILABLE' : 'DEPLOY_FAILED';
  // Of the shell that runs it there is nothing else that may be missing.
  const why = errno === 'ENOENT' ? `${directory} or /bin/sh is not there` : (errno ?? String(cause));
  return new LandfallError(code, `deploy ${deploy.name}: ${own.command[0]} cannot be run: ${why}`, {
    cause,
    hint: 'command is a list: a program, then its arguments; it runs in the folder of the artifact.',
  });
}

function failure(input: CommandInput, ended: Ended, stderr: string): LandfallError {
  const { deploy, directory, settings: own, timeoutMs } = input;
  const [program = ''] = own.command;
  const fault = ended.isStopped ? undefined : programFault(program, directory, ended.code);
  if (fault !== undefined) {
    const { why, hint } = fault;
    return new LandfallError('DEPLOY_FAILED', `deploy ${deploy.name}: ${program} cannot be run: ${why}`, {
      hint,
    });
  }
  const how = ended.code === null ? `was ended by ${ended.signal}` : `exited with ${ended.code}`;
  const why = ended.isStopped ? ` after its timeout of ${timeoutMs} ms` : '';
  const said =
    stderr.trim() === ''
      ? ''
      : `; it said: ${printableLines(stderr.trim().replaceAll('\t', '  ').split(/\r?\n/))}`;
  const message = `deploy ${deploy.name}: ${program} ${how}${why}${said}`;
  if (ended.isStopped) return new LandfallError('DEPLOY_UNAVAILABLE', message, { hint: LONGER });
  if (ended.code === 75) return new LandfallError('DEPLOY_UNAVAILABLE', message, { hint: LATER });
  return new LandfallError('DEPLOY_FAILED', message, { hint: AGAIN });
}

/**
 * Runs a program, without a shell of its own, with the event as JSON on stdin, and in its environment where the files
 * are. Exit 0 is success; 75 (EX_TEMPFAIL of sysexits.h) asks to be run again; anything else is final for this revision.
 */
async function applyCommand(input: CommandInput, graceMs: number): Promise<void> {
  // It has the whole environment, since it may need it; so what it says may hold what is in there, or what we read elsewhere.
  const secrets = [...secretsIn(process.env), ...knownSecrets.all()];
  const stderr = new MaskedTail(COMMAND_STDERR_CHARACTERS, secrets);
  const lines = {
    stdout: new OutputLines(input.log, secrets),
    stderr: new OutputLines(input.log, secrets),
  };
  const ended = await runCommand({
    argv: input.settings.command,
    directory: input.directory,
    env: environment(input),
    input: JSON.stringify(input.event),
    onOutput: (stream, text) => {
      if (stream === 'stderr') stderr.write(text);
      lines[stream].write(text);
    },
    begin: input.claimFor,
    graceMs,
    signal: input.signal,
  }).catch((error: unknown) => {
    throw error instanceof LandfallError ? error : notRun(input, error);
  });
  for (const each of Object.values(lines)) each.end();
  if (ended.code !== 0 || ended.isStopped) throw failure(input, ended, stderr.read());
}

/** @throws LandfallError DEPLOY_FAILED where the artifact is no folder of this machine */
function inFolder(context: DeployContext<CommandSettings>): CommandInput {
  const { location } = context.artifact;
  if (location.in === 'directory') return { ...context, directory: location.directory };
  if (location.in === 'packs') throw needsFolder(context.deploy.name);
  throw deployFailed(`deploy ${context.deploy.name}: a command cannot run in s3://${location.bucket}`, {
    hint: 'A command is for one machine, whose store is a folder.',
  });
}

/** A program with a "/" is one of the artifact, unlike paths in the rest of a document. */
const plannedRun = ([program = '']: readonly string[]): string =>
  program.includes('/') && !isAbsolute(program)
    ? `the command is run; ${program} is looked for in the artifact`
    : 'the command is run';

/** Runs a program. */
export const commandDeploy = ({
  graceMs = COMMAND_GRACE_MS,
}: {
  /** Between SIGTERM and SIGKILL, in milliseconds. */
  readonly graceMs?: number;
} = {}): DeployDefinition<CommandSettings> & DefinedDeploy =>
  defineDeploy<CommandSettings>({
    kind: 'command',
    settings: commandSettings,
    plan: async ({ settings: own, revision }) => ({
      changes: [{ action: 'run', what: own.command.join(' '), why: revision.revision }],
      summary: plannedRun(own.command),
    }),
    step: async (context) => {
      const input = inFolder(context);
      await context.artifact.checkAll();
      await applyCommand(input, graceMs);
      return { state: 'succeeded' };
    },
  });
