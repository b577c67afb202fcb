import { statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

export interface ProgramFault {
  readonly why: string;
  readonly hint: string;
}

const LIST = 'command is a list: a program, then its arguments.';

const isThere = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;

/**
 * Why a program was not run, and where it was looked for: by name on PATH, with a "/" from the folder it runs in, which
 * is the artifact's. The system says ENOENT for each, and for a missing interpreter as well.
 * @param errno what spawning it said
 */
export function programFault(program: string, directory: string, errno: string): ProgramFault {
  const isPath = program.includes('/');
  const inArtifact = isPath && !isAbsolute(program);
  const place = inArtifact ? join(directory, program) : program;
  if (errno === 'ENOENT' && isPath && isThere(place)) {
    const hint = 'Check its first line (#!): it must name a program of this machine, and end with LF alone.';
    return { why: 'it is there, and the interpreter that its first line names is not', hint };
  }
  if (errno === 'EACCES' && isPath && isThere(place)) {
    const hint = inArtifact
      ? 'Make it executable before it is pushed (chmod +x), or run it with its interpreter: [sh, ./deploy.sh].'
      : 'Make it executable (chmod +x), or run it with its interpreter.';
    return { why: 'it is there, and is not executable', hint };
  }
  if (errno !== 'ENOENT') return { why: errno, hint: LIST };
  if (!isPath)
    return { why: 'it is not on PATH', hint: `${LIST} One of the artifact is written ./${program}.` };
  if (!inArtifact)
    return { why: 'it is not there', hint: `Install it on the machine that runs serve. ${LIST}` };
  return {
    why: `it is not in the artifact, where it was looked for at ${place}`,
    hint: 'Push it with the artifact; one of this machine is written as an absolute path, or as a name on PATH.',
  };
}
