import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Names that tools get wrong where they get anything wrong, and nothing that only some of them can hold. */
const FILES: Readonly<Record<string, string>> = {
  'index.html': '<h1>tide</h1>\n',
  'assets/ünï côde.txt': 'names are not all ASCII\n',
  'assets/-dash #hash.txt': '',
  'a-b/x': 'sorts before a/, not behind it\n',
  'a/x': 'x\n',
  [`deep/${'d/'.repeat(12)}${'long-'.repeat(20)}name.yaml`]: 'a: 1\n',
};
const EXECUTABLE = 'bin/run.sh';

/** Plants the sample below a folder, which is made. */
export async function plantSample(folder: string): Promise<string> {
  for (const [path, text] of Object.entries({ ...FILES, [EXECUTABLE]: '#!/bin/sh\n' })) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  await chmod(join(folder, EXECUTABLE), 0o755);
  return folder;
}

/** A chart that `helm package` takes. */
export async function plantChart(folder: string): Promise<string> {
  await mkdir(join(folder, 'templates'), { recursive: true });
  await writeFile(
    join(folder, 'Chart.yaml'),
    'apiVersion: v2\nname: tide\nversion: 1.2.3+build.7\nannotations:\n  a: "b"\n',
  );
  await writeFile(join(folder, 'values.yaml'), 'replicas: 1\n');
  await writeFile(join(folder, 'templates/config.yaml'), 'kind: ConfigMap\n');
  return folder;
}

/** Every file below a folder: what it holds, and whether it may be executed. */
export async function filesIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const pairs = files.map(async (path) => {
    const { mode } = await stat(path);
    return [relative(folder, path), `${mode & 0o100 ? 'x' : '-'} ${await readFile(path, 'utf8')}`] as const;
  });
  return new Map((await Promise.all(pairs)).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Runs a peer in a folder, with a home of its own: no login or cache of whoever runs the tests. */
export async function peer(
  folder: string,
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string } = {},
): Promise<string> {
  const home = join(folder, 'home');
  await mkdir(home, { recursive: true });
  const own = {
    HOME: home,
    DOCKER_CONFIG: home,
    XDG_CONFIG_HOME: home,
    XDG_CACHE_HOME: home,
    XDG_DATA_HOME: home,
  };
  const { stdout } = await run(program, [...args], {
    env: { ...process.env, ...own },
    cwd: options.cwd ?? folder,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

/** Unpacks a tar, compressed or not, as GNU tar does. */
export async function untar(archive: string, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await run('tar', ['xf', archive, '-C', folder]);
  return folder;
}
