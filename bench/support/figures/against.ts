import { execFile } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Figure } from '../bench.ts';
import { ratio } from './format.ts';
import { median } from './statistics.ts';

const execute = promisify(execFile);
const ROOT = join(import.meta.dirname, '../../..');
/** Each goes first as often as the other. */
const ROUNDS = 4;

interface Sections {
  readonly sections: readonly { readonly name: string; readonly figures: readonly Figure[] }[];
}

/** The first number of what was measured, and what stands behind it; undefined where it has none. */
export function firstNumber(measured: string): { readonly value: number; readonly unit: string } | undefined {
  const [, digits, unit = ''] = /(?<![\w.])(\d[\d,]*(?:\.\d+)?) ?([a-zA-Zµ%]*)/.exec(measured) ?? [];
  return digits === undefined ? undefined : { value: Number(digits.replaceAll(',', '')), unit };
}

/** The figures of a run by bench and name, each once. */
const figuresOf = ({ sections }: Sections): ReadonlyMap<string, string> =>
  new Map(
    sections.flatMap(({ name, figures }) =>
      figures.map(({ what, measured }) => [`${name}: ${what}`, measured] as const),
    ),
  );

/** An older commit beside this checkout, with this checkout's packages. */
async function checkedOut(
  revision: string,
  scratch: string,
): Promise<AsyncDisposable & { readonly path: string }> {
  const path = join(scratch, 'against');
  await execute('git', ['worktree', 'add', '--detach', path, revision], { cwd: ROOT });
  await symlink(join(ROOT, 'node_modules'), join(path, 'node_modules'));
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      await execute('git', ['worktree', 'remove', '--force', path], { cwd: ROOT });
    },
  };
}

async function measure(checkout: string, args: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await execute(process.execPath, ['bench/run.ts', '--json', ...args], {
    cwd: checkout,
    maxBuffer: 2 ** 26,
  });
  return figuresOf(JSON.parse(stdout.slice(stdout.indexOf('\n{') + 1)) as Sections);
}

const told = (value: number): string => String(Number(value.toPrecision(4)));

/** What both measured, by the medians of the first number of each: the ratio is of now to then. */
export function compared(
  then: readonly ReadonlyMap<string, string>[],
  now: readonly ReadonlyMap<string, string>[],
): readonly Figure[] {
  const valuesOf = (runs: readonly ReadonlyMap<string, string>[], what: string) =>
    runs.flatMap((run) => firstNumber(run.get(what) ?? '') ?? []);
  return [...(now[0]?.keys() ?? [])].flatMap((what) => {
    const [a, b] = [valuesOf(then, what), valuesOf(now, what)];
    const unit = b[0]?.unit ?? '';
    if (a.length === 0 || a.some((each) => each.unit !== unit)) return [];
    const [before, after] = [a, b].map((each) => median(each.map(({ value }) => value)));
    if (before === undefined || after === undefined || before === 0) return [];
    return [
      {
        what,
        measured: `${told(before)} ${unit} then, ${told(after)} ${unit} now: ${ratio(after / before)}`,
      },
    ];
  });
}

/** Runs benches here and at an older commit, in turns. */
export async function benchAgainst(
  revision: string,
  args: readonly string[],
  { scratch, say }: { readonly scratch: string; readonly say: (line: string) => void },
): Promise<readonly Figure[]> {
  await using old = await checkedOut(revision, scratch);
  const [then, now]: [ReadonlyMap<string, string>[], ReadonlyMap<string, string>[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    const turns = [
      async () => then.push(await measure(old.path, args)),
      async () => now.push(await measure(ROOT, args)),
    ];
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn();
    say(`round ${round + 1} of ${ROUNDS}`);
  }
  return compared(then, now);
}
