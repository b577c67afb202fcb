import { execFile } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { missingOf } from './programs.ts';

const run = promisify(execFile);
const VERSIONS = [
  ['docker-registry', '--version'],
  ['skopeo', '--version'],
  ['umoci', '--version'],
  ['oras', 'version'],
  ['curl', '--version'],
  ['tar', '--version'],
  ['aws', '--version'],
] as const;

async function versionOf(program: string, flag: string): Promise<string> {
  if (missingOf([program]).length > 0) return `no ${program}`;
  const { stdout, stderr } = await run(program, [flag]);
  const number = /\d+(?:\.\d+)+/.exec(`${stdout}${stderr}`)?.[0] ?? 'of unknown version';
  return `${program} ${number}`;
}

/** The machine and the programs measured, in two lines. */
export async function describeMachine(): Promise<string> {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const memory = Math.round(totalmem() / 1e9);
  const load = loadavg()
    .map((value) => value.toFixed(1))
    .join(' ');
  const versions = await Promise.all(VERSIONS.map(([program, flag]) => versionOf(program, flag)));
  return [
    `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} cores (${model}), ${memory} GB, Linux ${release()}, load ${load}`,
    `Node ${process.versions.node}, ${versions.join(', ')}`,
  ].join('\n');
}
