import { spawn } from 'node:child_process';
import { knownSecrets } from '../../credentials/known-secrets.ts';
import { LandfallError } from '../../errors.ts';
import type { Deployer, DeployInput } from '../deployer.ts';
import { programFault } from './program-fault.ts';
import { MaskedTail, secretsIn } from './secret-mask.ts';

/** What is kept of a failing command's stderr for the message, which goes into events, logs and status. */
const STDERR_TAIL_CHARACTERS = 2048;

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stderr: string;
}

/**
 * Runs a program, without a shell, with the event as JSON on stdin, and in its environment where the files are.
 * Exit 0 is success; 75 (EX_TEMPFAIL of sysexits.h) asks to be run again; anything else is final for this revision.
 */
export const deployCommand: Deployer = async (input) => {
  const { deploy, signal } = input;
  const ended = await runCommand(input);
  if (ended.code === 0) return;
  const how = ended.code === null ? `was ended by ${ended.signal}` : `exited with ${ended.code}`;
  const why = signal.aborted ? ` after its timeout of ${deploy.timeoutMs} ms` : '';
  const said = ended.stderr.trim() === '' ? '' : `; it said: ${ended.stderr.trim()}`;
  throw new LandfallError(
    ended.code === 75 || signal.aborted ? 'DEPLOY_UNAVAILABLE' : 'DEPLOY_FAILED',
    `deploy ${deploy.name}: ${deploy.command?.[0]} ${how}${why}${said}`,
    { hint: 'Correct the command; then `landfall replay SOURCE --deploy NAME` runs it again.' },
  );
};

function environment({ revision, event, directory }: DeployInput): NodeJS.ProcessEnv {
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

function runCommand(input: DeployInput): Promise<Ended> {
  const { deploy, event, directory, signal } = input;
  const [program = '', ...args] = deploy.command ?? [];
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: directory,
      env: environment(input),
      stdio: ['pipe', 'ignore', 'pipe'],
      signal,
      killSignal: 'SIGKILL',
    });
    // It has the whole environment, since it may need it; so what it says may hold what is in there, or what we read elsewhere.
    const stderr = new MaskedTail(STDERR_TAIL_CHARACTERS, [...secretsIn(process.env), ...knownSecrets.all()]);
    child.stderr.setEncoding('utf8').on('data', (text: string) => stderr.write(text));
    // A program that does not read its stdin is no failure; how it exits decides.
    child.stdin.on('error', () => {});
    child.stdin.end(JSON.stringify(event));
    child.on('error', (cause: NodeJS.ErrnoException) => {
      if (cause.name === 'AbortError') return;
      const { why, hint } = programFault(program, directory, cause.code ?? cause.message);
      reject(
        new LandfallError('DEPLOY_FAILED', `deploy ${deploy.name}: ${program} cannot be run: ${why}`, {
          cause,
          hint,
        }),
      );
    });
    child.on('close', (code, ending) => resolve({ code, signal: ending, stderr: stderr.read() }));
  });
}
