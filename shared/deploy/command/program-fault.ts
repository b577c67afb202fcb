import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

export interface ProgramFault {
  readonly why: string;
  readonly hint: string;
}

const LIST = 'command is a list: a program, then its arguments.';
/** What a shell exits with that cannot run a program; but a program may exit with them, too. */
const NOT_RUN: readonly (number | null)[] = [126, 127];
/** Linux reads no further for the interpreter. */
const INTERPRETER_LINE = 256;

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** Whether a path is a file that may be run. */
export function isProgramFile(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return isFile(path);
  } catch {
    return false;
  }
}

function hasInterpreter(path: string): boolean {
  const bytes = Buffer.alloc(INTERPRETER_LINE);
  const file = openSync(path, 'r');
  try {
    const text = bytes.toString('latin1', 0, readSync(file, bytes));
    const [, interpreter] = /^#![ \t]*([^ \t\n]+)/.exec(text) ?? [];
    return interpreter === undefined || isProgramFile(interpreter);
  } finally {
    closeSync(file);
  }
}

const INTERPRETER: ProgramFault = {
  why: 'it is there, and the interpreter that its first line names is not',
  hint: 'Check its first line (#!): it must name a program of this machine, and end with LF alone.',
};

function faultOfFile(place: string, inArtifact: boolean): ProgramFault | undefined {
  if (!isFile(place)) {
    if (!inArtifact)
      return { why: 'it is not there', hint: `Install it on the machine that runs serve. ${LIST}` };
    return {
      why: `it is not in the artifact, where it was looked for at ${place}`,
      hint: 'Push it with the artifact; one of this machine is written as an absolute path, or as a name on PATH.',
    };
  }
  if (!isProgramFile(place)) {
    const hint = inArtifact
      ? 'Make it executable before it is pushed (chmod +x), or run it with its interpreter: [sh, ./deploy.sh].'
      : 'Make it executable (chmod +x), or run it with its interpreter.';
    return { why: 'it is there, and is not executable', hint };
  }
  return hasInterpreter(place) ? undefined : INTERPRETER;
}

/**
 * Why a program was not run, and where it was looked for: by name on PATH, with a "/" from the folder it runs in, which
 * is the artifact's. Undefined where nothing kept it from running.
 * @param code what the shell that was to become it exited with
 */
export function programFault(
  program: string,
  directory: string,
  code: number | null,
): ProgramFault | undefined {
  if (!NOT_RUN.includes(code)) return undefined;
  if (program.includes('/')) {
    const inArtifact = !isAbsolute(program);
    return faultOfFile(inArtifact ? join(directory, program) : program, inArtifact);
  }
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const there = folders.map((folder) => join(folder, program)).find(isProgramFile);
  if (there !== undefined) return hasInterpreter(there) ? undefined : INTERPRETER;
  return { why: 'it is not on PATH', hint: `${LIST} One of the artifact is written ./${program}.` };
}
