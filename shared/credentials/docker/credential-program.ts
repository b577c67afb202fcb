import { spawn } from 'node:child_process';
import { LandfallError } from '../../errors.ts';
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

/** Runs a program without a shell, with a bound on its time and output. What it writes to stderr is dropped. */
function run(program: string, input: string, env: Environment, timeoutMs: number): Promise<Output> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ['get'], {
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

/**
 * Asks `docker-credential-<name> get`. Undefined where it knows nothing of the server.
 * @throws LandfallError CREDENTIAL_UNREADABLE that repeats nothing the program wrote
 * @see https://github.com/docker/docker-credential-helpers#development
 */
export async function askProgram(input: ProgramInput, env: Environment): Promise<Credential | undefined> {
  const { name, server, timeoutMs = PROGRAM_TIMEOUT_MS } = input;
  const refused = (why: string, cause?: unknown): LandfallError =>
    new LandfallError('CREDENTIAL_UNREADABLE', `docker-credential-${name} for ${server}: ${why}`, {
      cause,
      hint: `Run: echo ${shellWord(server)} | ${shellWord(`docker-credential-${name}`)} get`,
    });
  if (!isProgramName(name)) {
    throw new LandfallError(
      'CREDENTIAL_UNREADABLE',
      `a credential helper for ${server} is named with what no program's name may have`,
      {
        hint: `Wanted the NAME of a docker-credential-NAME on PATH: no "/" or "\\", no "-" in front, at most ${NAME_BYTES} bytes.`,
      },
    );
  }
  const output = await run(`docker-credential-${name}`, server, env, timeoutMs).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'error';
    throw refused(code === 'ENOENT' ? 'is not on PATH' : `cannot be run: ${code}`, error);
  });
  if (output.stopped !== undefined) throw refused(output.stopped);
  if (output.exit !== 0) {
    if (/credentials not found/i.test(output.stdout)) return undefined;
    throw refused(`ended with status ${output.exit ?? 'unknown'}`);
  }
  const parsed = parseAnswer(output.stdout);
  if (parsed === undefined) throw refused('did not answer with Username and Secret');
  return parsed.secret === '' ? undefined : basicOrToken(parsed.username, parsed.secret);
}
