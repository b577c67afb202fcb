import { existsSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { isProgramFile } from '../../command/program-fault.ts';

/** A program that a kind runs, and where it may be. */
export interface WantedProgram {
  readonly name: string;
  /** Of the environment: names it, before all else. */
  readonly variable: string;
  /** Where the layer of the CDK's kubectl packages has it. */
  readonly layer: string;
}

/** As a path wherever it was found, since what it runs for may have no PATH; else its name. */
export function programPath({ name, variable, layer }: WantedProgram, env: NodeJS.ProcessEnv): string {
  const named = env[variable] || (existsSync(layer) ? layer : name);
  if (named.includes('/')) return named;
  const folders = (env['PATH'] ?? '').split(delimiter).filter(isAbsolute);
  return folders.map((folder) => join(folder, named)).find(isProgramFile) ?? named;
}
