import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildResult, build, type Metafile, stop } from 'esbuild';
import { bundleOptions } from './bundle-options.ts';
import { COMMANDS } from './command-table.ts';

const ALL = Object.keys(COMMANDS);

/** What waits for a registry alone has a bundle of its own: that of all takes 10 ms more to read. */
export const BUNDLES = [['resolve', 'tags', 'pull', 'push'], ALL];

/** What a build that was killed leaves is taken away after this. */
const ABANDONED_MS = 60_000;

const TABLE = 'cli/command-table.ts';

/** What says how a bundle is made is a part of each. */
const RECIPE = ['cli/bundle.ts', 'cli/bundle-options.ts'];

type Inputs = Metafile['inputs'];

/** The inputs that some lead to; the table of commands, to none of them. */
function reached(inputs: Inputs, from: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  const follow = (path: string): void => {
    if (seen.has(path) || inputs[path] === undefined) return;
    seen.add(path);
    for (const { path: next, kind } of inputs[path].imports)
      if (path !== TABLE || kind === 'import-statement') follow(next);
  };
  from.forEach(follow);
  return [...seen];
}

/** A package is what its package.json was when it came. Undefined for what is no file. */
const sourceOf = (input: string): string | undefined =>
  input.includes(':')
    ? undefined
    : input.replace(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\/.*$/, '$1/package.json');

const modulesOf = (command: string): readonly string[] => ['cli/run.ts', `cli/commands/${command}.ts`];

/** Command by command, which files it runs, as numbers in a list of them. */
function filesByCommand(inputs: Inputs) {
  const numbers = new Map<string, number>();
  const numberOf = (file: string): number => {
    const number = numbers.get(file) ?? numbers.size;
    numbers.set(file, number);
    return number;
  };
  const commands = ['', ...ALL].map((command) => {
    const sources = reached(inputs, modulesOf(command)).flatMap((input) => sourceOf(input) ?? []);
    const files = new Set([...RECIPE, ...sources]);
    return [command, [...files].map(numberOf)] as const;
  });
  return { files: [...numbers.keys()], commands };
}

interface Made {
  readonly bundle: string;
  readonly commands: readonly string[];
  readonly inputs: Inputs;
}

type Result = BuildResult<ReturnType<typeof bundleOptions>>;

async function write({ outputFiles, metafile }: Result, dist: string): Promise<Omit<Made, 'commands'>> {
  const contents = outputFiles[0]?.contents ?? Buffer.alloc(0);
  const bundle = `landfall-${createHash('sha256').update(contents).digest('hex').slice(0, 16)}.cjs`;
  await writeFile(join(dist, bundle), contents);
  return { bundle, inputs: metafile.inputs };
}

async function makeAll(root: string): Promise<readonly Made[]> {
  const made: Made[] = [];
  try {
    for (const commands of BUNDLES)
      made.push({
        commands,
        ...(await write(await build(bundleOptions(root, commands)), join(root, 'dist'))),
      });
  } finally {
    await stop();
  }
  return made;
}

/** What `built.json` holds, see built.cjs. Undefined where a source is not as old as the build. */
async function describe(made: readonly Made[], root: string, begun: number): Promise<object | undefined> {
  const { files, commands } = filesByCommand(made.at(-1)?.inputs ?? {});
  const ctimes = await Promise.all(files.map(async (file) => (await stat(join(root, file))).ctimeMs));
  if (ctimes.some((ctime) => ctime >= begun)) return undefined;
  const bundleOf = (command: string) => made.find((each) => each.commands.includes(command)) ?? made[0];
  return {
    files: files.map((file, at) => [file, ctimes[at]]),
    commands: Object.fromEntries(
      commands.map(([command, of]) => [command, { bundle: bundleOf(command)?.bundle, files: of }]),
    ),
  };
}

/** Undefined where another has it. */
async function claim(path: string) {
  const claimed = await stat(path).catch(() => undefined);
  if (claimed !== undefined && Date.now() - claimed.mtimeMs > ABANDONED_MS) await rm(path, { force: true });
  return open(path, 'wx').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
    return undefined;
  });
}

/**
 * Makes `dist` of the sources. Of many commands that begin at once one does. False where another is at it, or the
 * sources were changed meanwhile.
 * @throws Error where the folder cannot be written, or the sources are wrong
 */
export async function buildBundles(root: string): Promise<boolean> {
  const dist = join(root, 'dist');
  await mkdir(dist, { recursive: true });
  const next = join(dist, 'next.json');
  const file = await claim(next);
  if (file === undefined) return false;
  try {
    const { mtimeMs: begun } = await file.stat();
    const made = await makeAll(root);
    const built = await describe(made, root, begun);
    if (built === undefined) return false;
    await file.writeFile(JSON.stringify(built));
    await rename(next, join(dist, 'built.json'));
    const kept = ['built.json', ...made.map(({ bundle }) => bundle)];
    for (const name of await readdir(dist))
      if (!kept.includes(name)) await rm(join(dist, name), { force: true });
    return true;
  } finally {
    await file.close();
    await rm(next, { force: true });
  }
}

/** `npm run build`. */
if (process.argv[1] === import.meta.filename && !(await buildBundles(join(import.meta.dirname, '..'))))
  throw new Error('nothing was built: another build is under way, or a source was changed meanwhile');
