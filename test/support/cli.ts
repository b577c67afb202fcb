import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run } from '../../cli/run.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import { atEnd } from './at-end.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** How one command line ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export const PROGRAM = fileURLToPath(new URL('../../bin/landfall', import.meta.url));

const NOWHERE = join(tmpdir(), 'landfall-test-no-such-folder');

/** No test sees the credentials, proxies or store of whoever runs it. */
const ISOLATED: Readonly<Record<string, string | undefined>> = {
  DOCKER_AUTH_CONFIG: undefined,
  DOCKER_CONFIG: NOWHERE,
  HELM_REGISTRY_CONFIG: NOWHERE,
  REGISTRY_AUTH_FILE: undefined,
  XDG_RUNTIME_DIR: undefined,
  LANDFALL_STORE: undefined,
  HTTP_PROXY: undefined,
  HTTPS_PROXY: undefined,
  http_proxy: undefined,
  https_proxy: undefined,
};

for (const name of Object.keys(process.env).filter((each) => /^(?:LANDFALL|KLUCTL)_REGISTRY_/.test(each)))
  delete process.env[name];
for (const [name, value] of Object.entries(ISOLATED)) {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

/** A stream that keeps what is written to it, and may say that it is a terminal. */
export class Kept extends Writable {
  readonly isTTY: boolean;
  readonly columns = 80;
  text = '';

  constructor(isTTY = false) {
    super({ decodeStrings: false });
    this.isTTY = isTTY;
  }

  override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** Runs a command line in this process, which is quick. */
export async function landfall(argv: readonly string[], { isTTY = false } = {}): Promise<Ended> {
  const [stdout, stderr] = [new Kept(isTTY), new Kept(isTTY)];
  const code = await run(argv, { stdout, stderr });
  return { code, signal: null, stdout: stdout.text, stderr: stderr.text };
}

/** Runs `bin/landfall` as a user does: a process of its own, its exit code and what it wrote. */
export async function landfallProcess(
  argv: readonly string[],
  {
    env = {},
    cwd,
    input,
  }: {
    readonly env?: Readonly<Record<string, string>>;
    readonly cwd?: string;
    /** What comes on stdin; left out: nothing, and no terminal. */
    readonly input?: string;
  } = {},
): Promise<Ended> {
  const child = spawn(PROGRAM, argv, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    ...(cwd !== undefined && { cwd }),
  });
  child.stdin.on('error', () => undefined).end(input);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, stdout, stderr };
}

/** The one JSON document on stdout of a command that succeeded. */
export function documentOf<T = Record<string, unknown>>({ code, stdout, stderr }: Ended): T {
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as T;
}

/** What is checked of every refusal. */
export interface Wanted {
  readonly code: ErrorCode;
  readonly exit?: 1 | 2;
  /** In the message: what was read, wanted and got. */
  readonly says: RegExp;
  /** What to do next. */
  readonly next: RegExp;
}

/** A command was refused as a user needs it: stable code, what was read, wanted and got, and the next step. */
export function assertRefused({ code: exit, stdout, stderr }: Ended, wanted: Wanted): void {
  const [first = '', ...rest] = stderr.split('\n');
  assert.equal(/^landfall: ([A-Z_]+): /.exec(first)?.[1], wanted.code, stderr);
  assert.match(stderr, wanted.says);
  const next = rest.find((line) => line.startsWith('  next: ')) ?? '';
  assert.match(next, wanted.next, stderr);
  assert.equal(exit, wanted.exit ?? 1, stderr);
  assert.doesNotMatch(stderr, /^\s+at .*\.ts:\d+/m, 'a stack is no message');
  if (stdout !== '') {
    const { error } = JSON.parse(stdout) as { readonly error: Readonly<Record<string, unknown>> };
    assert.equal(error['code'], wanted.code);
    assert.ok(first.endsWith(String(error['message']).split('\n')[0] ?? ''), 'the same in JSON');
  }
}

/** A folder that goes with the test. */
export async function folderFor(t: TestContext): Promise<string> {
  const folder = await temporaryFolder();
  atEnd(t, () => folder.remove());
  return folder.path;
}
