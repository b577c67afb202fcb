import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { type Cost, measureCommand } from '../command.ts';
import { environmentFor } from './s3-stand-in.ts';

/** One way to get files into a bucket. */
export interface S3Contender {
  readonly name: string;
  /** Objects that are there in the end. Default: one for each file. */
  readonly objects?: number;
  readonly command: (folder: string) => readonly [program: string, ...args: string[]];
}

/** What a run cost, and the CPU that the S3 beside it took meanwhile, where it says. */
export interface S3Cost extends Cost {
  readonly s3CpuMs: number | undefined;
}

export interface S3Arena {
  readonly endpoint: string;
  /** Empties the bucket. `objects`: that have to be there. `cpuMs`: of the S3, since it was emptied before. @throws Error where files are missing */
  readonly settle: (objects: number | undefined) => Promise<{ readonly cpuMs: number | undefined }>;
}

/** Round after round, each contender once a round over an empty bucket, so that all see the same machine. */
export async function s3Contest(
  contenders: readonly S3Contender[],
  { endpoint, settle }: S3Arena,
  { rounds, scratch, say }: { readonly rounds: number; readonly scratch: string; say(line: string): void },
): Promise<ReadonlyMap<string, readonly S3Cost[]>> {
  const costs = new Map<string, S3Cost[]>(contenders.map(({ name }) => [name, []]));
  const env = environmentFor(endpoint);
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, command, objects } of round % 2 === 0 ? contenders : contenders.toReversed()) {
      const [program, ...args] = command(await mkdtemp(join(scratch, 'run-')));
      const cost = await measureCommand(program, args, { scratch, env });
      costs.get(name)?.push({ ...cost, s3CpuMs: (await settle(objects)).cpuMs });
    }
    say(`round ${round + 1} of ${rounds}`);
  }
  return costs;
}
