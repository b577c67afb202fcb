import { tmpdir } from 'node:os';
import { errnoOf } from '../../../errors.ts';
import { deployFailed } from '../../kit/failures.ts';
import { runProgram } from './child-program.ts';
import { programPath, type WantedProgram } from './program-path.ts';

/** A program that says which version it is. */
export interface VersionedProgram<Found> extends WantedProgram {
  /** Arguments that have it say so. */
  readonly asks: readonly string[];
  /** What it is asked with. */
  readonly env: NodeJS.ProcessEnv;
  /** How to come by it: an imperative sentence. */
  readonly install: string;
  /** Of what it wrote to stdout; undefined: no version is in it. @throws LandfallError DEPLOY_FAILED for one that is too old */
  readonly read: (program: string, stdout: string) => Found | undefined;
}

const VERSION_TEXT = 64 * 1024;

async function askVersion<Found>(
  program: string,
  { name, asks, env, install: hint, read }: VersionedProgram<Found>,
  signal: AbortSignal,
): Promise<Found> {
  const call = { argv: [program, ...asks] as const, env, directory: tmpdir(), signal };
  const { code, stdout, stderr } = await runProgram(call, VERSION_TEXT).catch((cause: unknown) => {
    const errno = errnoOf(cause);
    if (errno !== 'ENOENT' && errno !== 'EACCES') throw cause;
    const why = errno === 'ENOENT' ? 'is not there' : 'is not executable';
    throw deployFailed(`${name} ${why}: looked for ${program}`, { cause, hint });
  });
  const found = code === 0 ? read(program, stdout) : undefined;
  if (found !== undefined) return found;
  throw deployFailed(`${program} version exited with ${code} and names no version: ${stderr}`, { hint });
}

/**
 * Finds a program by its variable, in Lambda's layer, or on PATH, and asks it for its version once a process.
 * @returns what throws LandfallError DEPLOY_FAILED where it is not there, or too old
 */
export function programFinder<Found>(
  wanted: VersionedProgram<Found>,
): (signal: AbortSignal, env?: NodeJS.ProcessEnv) => Promise<Found> {
  const known = new Map<string, Found>();
  return async (signal, env = process.env) => {
    const program = programPath(wanted, env);
    const found = known.get(program) ?? (await askVersion(program, wanted, signal));
    known.set(program, found);
    return found;
  };
}
