import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { errnoOf } from '../../../errors.ts';
import { isProgramFile } from '../../command/program-fault.ts';
import { deployFailed } from '../../kit/failures.ts';
import { runProgram } from './child-program.ts';

/** A program that a kind runs: where it may be, and how it says which version it is. */
interface WantedProgram<Found> {
  readonly name: string;
  /** Of the environment: names it, before all else. */
  readonly variable: string;
  /** Where the layer of the CDK's kubectl packages has it. */
  readonly layer: string;
  /** Arguments that have it say its version. */
  readonly asks: readonly string[];
  /** What it is asked with. */
  readonly env: NodeJS.ProcessEnv;
  /** How to come by it: an imperative sentence. */
  readonly install: string;
  /** Of what it wrote to stdout; undefined: no version is in it. @throws LandfallError DEPLOY_FAILED for one that is too old */
  readonly read: (program: string, stdout: string) => Found | undefined;
}

/** As a path wherever it was found, since what it runs for may have no PATH; else its name. */
function programPath(
  { name, variable, layer }: Pick<WantedProgram<unknown>, 'name' | 'variable' | 'layer'>,
  env: NodeJS.ProcessEnv,
): string {
  const named = env[variable] || (existsSync(layer) ? layer : name);
  if (named.includes('/')) return named;
  const folders = (env['PATH'] ?? '').split(delimiter).filter(isAbsolute);
  return folders.map((folder) => join(folder, named)).find(isProgramFile) ?? named;
}

const VERSION_TEXT = 64 * 1024;

async function askVersion<Found>(
  program: string,
  { name, asks, env, install: hint, read }: WantedProgram<Found>,
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
  wanted: WantedProgram<Found>,
): (signal: AbortSignal, env?: NodeJS.ProcessEnv) => Promise<Found> {
  const known = new Map<string, Found>();
  return async (signal, env = process.env) => {
    const program = programPath(wanted, env);
    const found = known.get(program) ?? (await askVersion(program, wanted, signal));
    known.set(program, found);
    return found;
  };
}
