import { spawn } from 'node:child_process';
import { errnoOf, LandfallError } from '../../errors.ts';
import { parseObject } from '../../kernel/json.ts';
import { PROGRAM_OUTPUT_BYTES, PROGRAM_TIMEOUT_MS } from '../../limits.ts';
import type { Credential } from '../../registry/client.ts';
import { shellWord } from '../../shell-word.ts';
import type { Environment } from '../secret.ts';
import { basicOrToken } from './docker-auth.ts';
import { goField } from './go-field.ts';

interface Output {
  readonly exit: number | null;
  readonly stdout: string;
  /** Why it was stopped, where it was. */
  readonly stopped: string | undefined;
}

type Verb = 'get' | 'store' | 'erase';

/** Runs a program without a shell, with a bound on its time and output. What it writes to stderr is dropped. */
function run(
  program: string,
  { verb, input, timeoutMs }: { readonly verb: Verb; readonly input: string; readonly timeoutMs: number },
  env: Environment,
): Promise<Output> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [verb], {
      env: { ...env },
      stdio: ['pipe', 'pipe', 'ignore'],
      shell: false,
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    let stopped: string | undefined;
    const stop = (why: string): void => {
      stopped ??= why;
      child.kill('SIGKILL');
      // A grandchild may hold the pipe open.
      child.stdout.destroy();
    };
    const timer = setTimeout(() => stop(`did not answer within ${timeoutMs} ms`), timeoutMs);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > PROGRAM_OUTPUT_BYTES) stop(`answered with more than ${PROGRAM_OUTPUT_BYTES} bytes`);
      else chunks.push(chunk);
    });
    child.on('close', (exit) => {
      clearTimeout(timer);
      resolve({ exit, stdout: Buffer.concat(chunks).toString('utf8'), stopped });
    });
    // It may end without reading.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** `{ServerURL, Username, Secret}`, as Go reads it: neither of them is nobody. Undefined where it is half an answer. */
function parseAnswer(stdout: string): { readonly username: string; readonly secret: string } | undefined {
  const value = parseObject(stdout);
  if (value === undefined) return undefined;
  const [user, said] = [goField(value, 'Username'), goField(value, 'Secret')];
  const [username, secret] = [user ?? '', user === undefined ? (said ?? '') : said];
  return typeof username === 'string' && typeof secret === 'string' ? { username, secret } : undefined;
}

/** A file name is at most 255 bytes long almost everywhere. */
const NAME_BYTES = 255 - 'docker-credential-'.length;

/** Docker runs whatever file has the name; ours stays on PATH, is no option and draws nothing on a terminal. */
const isProgramName = (name: string): boolean =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /^[^-/\\\u0000-\u001f\u007f][^/\\\u0000-\u001f\u007f]*$/.test(name) &&
  Buffer.byteLength(name) <= NAME_BYTES;

export interface ProgramInput {
  /** `ecr-login` for docker-credential-ecr-login. */
  readonly name: string;
  /** What docker would ask for: the key of the config, or the host. */
  readonly server: string;
  readonly timeoutMs?: number;
}

const refusedBy = ({ name, server }: ProgramInput, why: string, cause?: unknown): LandfallError =>
  new LandfallError('CREDENTIAL_UNREADABLE', `docker-credential-${name} for ${server}: ${why}`, {
    cause,
    hint: `Run: echo ${shellWord(server)} | ${shellWord(`docker-credential-${name}`)} get`,
  });

/** @throws LandfallError CREDENTIAL_UNREADABLE where there is no such program, or it did not end by itself */
async function runNamed(program: ProgramInput, verb: Verb, input: string, env: Environment): Promise<Output> {
  const { name, server, timeoutMs = PROGRAM_TIMEOUT_MS } = program;
  if (!isProgramName(name)) {
    throw new LandfallError(
      'CREDENTIAL_UNREADABLE',
      `a credential helper for ${server} is named with what no program's name may have`,
      {
        hint: `Wanted the NAME of a docker-credential-NAME on PATH: no "/" or "\\", no "-" in front, at most ${NAME_BYTES} bytes.`,
      },
    );
  }
  const running = run(`docker-credential-${name}`, { verb, input, timeoutMs }, env);
  const output = await running.catch((error: unknown) => {
    const code = errnoOf(error) ?? 'error';
    throw refusedBy(program, code === 'ENOENT' ? 'is not on PATH' : `cannot be run: ${code}`, error);
  });
  if (output.stopped !== undefined) throw refusedBy(program, output.stopped);
  return output;
}

const isUnknown = ({ stdout }: Output): boolean => /credentials not found/i.test(stdout);

const endedWith = (program: ProgramInput, { exit }: Output): LandfallError =>
  refusedBy(program, `ended with status ${exit ?? 'unknown'}`);

/**
 * Asks `docker-credential-<name> get`. Undefined where it knows nothing of the server.
 * @throws LandfallError CREDENTIAL_UNREADABLE that repeats nothing the program wrote
 * @see https://github.com/docker/docker-credential-helpers#development
 */
export async function askProgram(program: ProgramInput, env: Environment): Promise<Credential | undefined> {
  const output = await runNamed(program, 'get', program.server, env);
  if (output.exit !== 0) {
    if (isUnknown(output)) return undefined;
    throw endedWith(program, output);
  }
  const parsed = parseAnswer(output.stdout);
  if (parsed === undefined) throw refusedBy(program, 'did not answer with Username and Secret');
  const { username, secret } = parsed;
  const refused = (why: string): LandfallError => refusedBy(program, `Secret ${why}`);
  return secret === '' ? undefined : basicOrToken(username, secret, refused);
}

/** Has the program keep a login. @throws LandfallError CREDENTIAL_UNREADABLE */
export async function storeInProgram(
  program: ProgramInput,
  { username, secret }: { readonly username: string; readonly secret: string },
  env: Environment,
): Promise<void> {
  const input = JSON.stringify({ ServerURL: program.server, Username: username, Secret: secret });
  const output = await runNamed(program, 'store', input, env);
  if (output.exit !== 0) throw endedWith(program, output);
}

/** Has the program forget a login; that it had none is no error. @throws LandfallError CREDENTIAL_UNREADABLE */
export async function eraseFromProgram(program: ProgramInput, env: Environment): Promise<void> {
  const output = await runNamed(program, 'erase', program.server, env);
  if (output.exit !== 0 && !isUnknown(output)) throw endedWith(program, output);
}
