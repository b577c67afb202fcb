import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const execPath = spawnSync('git', ['--exec-path'], { encoding: 'utf8' }).stdout?.trim() ?? '';
const BACKEND = join(execPath, 'git-http-backend');

/** Why tests of real servers are left out; false: they are not. */
export const withoutGit: string | false = existsSync(BACKEND)
  ? false
  : 'there is no git with its http-backend here';

export interface GitServer {
  /** Of its one repository. */
  readonly url: string;
  /** The bare repository, on the disk. */
  readonly folder: string;
  /** The program, in the repository. */
  readonly git: (...args: readonly string[]) => string;
  /** Somebody else commits to a branch: a text for each path, null to remove it, `->x` for a symbolic link. */
  readonly commit: (files: Readonly<Record<string, string | null>>, branch?: string) => string;
  /** Somebody else has a submodule at that path, of that commit. */
  readonly addSubmodule: (path: string, commit: string) => void;
  /** Has this decide of pushes: a script of sh. */
  readonly hook: (name: 'pre-receive' | 'update', script: string) => void;
  /** Lines of `method path status`, in order. */
  readonly requests: string[];
  /** Answers in its place; true: it has. */
  onRequest: (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;
  readonly count: (branch?: string) => number;
  readonly files: (branch?: string) => readonly string[];
  readonly read: (path: string, branch?: string) => string;
  readonly message: (branch?: string) => string;
}

const PERSON = {
  ...{ GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'ada@example.org' },
  ...{ GIT_COMMITTER_NAME: 'Ada', GIT_COMMITTER_EMAIL: 'ada@example.org' },
  ...{ GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
};

/** One request by CGI, as web servers run it. @see https://git-scm.com/docs/git-http-backend */
async function answerBy(root: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const child = spawn(BACKEND, {
    env: {
      ...{ PATH: process.env['PATH'], ...PERSON },
      ...{ GIT_PROJECT_ROOT: root, GIT_HTTP_EXPORT_ALL: '1', REMOTE_USER: 'landfall' },
      ...{ PATH_INFO: url.pathname, QUERY_STRING: url.search.slice(1) },
      ...{ REQUEST_METHOD: request.method, CONTENT_TYPE: request.headers['content-type'] ?? '' },
      CONTENT_LENGTH: request.headers['content-length'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  request.pipe(child.stdin);
  const bytes = Buffer.concat(await child.stdout.toArray());
  const end = bytes.indexOf('\r\n\r\n');
  let status = 200;
  for (const line of bytes.subarray(0, end).toString().split('\r\n')) {
    const [name = '', value = ''] = line.split(/: */, 2);
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.writeHead(status).end(bytes.subarray(end + 4));
}

/** A repository as Git serves it over HTTP: git's own http-backend, and a password where one is wanted. */
export async function gitServerFor(
  t: TestContext,
  { password, isEmpty = false }: { readonly password?: string; readonly isEmpty?: boolean } = {},
): Promise<GitServer> {
  const folder = await temporaryFolder();
  const bare = join(folder.path, 'fleet.git');
  const env = { ...process.env, ...PERSON };
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', bare, ...args], {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', bare], { env });
  git('config', 'http.receivepack', 'true');
  let works = 0;
  const commit: GitServer['commit'] = (files, branch = 'main') => {
    works += 1;
    const work = join(folder.path, `work-${works}`);
    const run = (...args: readonly string[]): string =>
      execFileSync('git', ['-C', work, ...args], {
        env,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      }).trim();
    execFileSync('git', ['clone', '--quiet', bare, work], { env, stdio: 'ignore' });
    const isThere = spawnSync('git', ['-C', work, 'checkout', '--quiet', branch], { env }).status === 0;
    if (!isThere) run('checkout', '--quiet', '-b', branch);
    for (const [path, content] of Object.entries(files)) {
      const at = join(work, path);
      if (content === null) run('rm', '--quiet', path);
      else if (content.startsWith('->')) execFileSync('ln', ['-s', content.slice(2), at]);
      else {
        mkdirSync(dirname(at), { recursive: true });
        writeFileSync(at, content);
      }
    }
    run('add', '--all');
    run('commit', '--quiet', '--message', 'By hand');
    run('push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`);
    return run('rev-parse', 'HEAD');
  };
  if (!isEmpty) commit({ 'README.md': 'theirs\n' });
  const requests: string[] = [];
  const served: GitServer = {
    ...{ url: '', folder: bare, git, commit, requests },
    onRequest: () => false,
    addSubmodule: (path, of) => {
      const index = join(folder.path, 'index');
      const run = (...args: readonly string[]): string =>
        execFileSync('git', ['-C', bare, ...args], {
          env: { ...env, GIT_INDEX_FILE: index },
          encoding: 'utf8',
        }).trim();
      run('read-tree', 'main');
      run('update-index', '--add', '--cacheinfo', `160000,${of},${path}`);
      git(
        'update-ref',
        'refs/heads/main',
        run('commit-tree', '-p', 'main', '-m', 'By hand', run('write-tree')),
      );
    },
    hook: (name, script) => {
      const at = join(bare, 'hooks', name);
      writeFileSync(at, `#!/bin/sh\n${script}\n`);
      chmodSync(at, 0o755);
    },
    count: (branch = 'main') => Number(git('rev-list', '--count', branch)),
    files: (branch = 'main') => git('ls-tree', '-r', '--name-only', branch).split('\n'),
    read: (path, branch = 'main') => git('show', `${branch}:${path}`),
    message: (branch = 'main') => git('log', '-1', '--format=%B', branch),
  };
  const wanted = password && `Basic ${Buffer.from(`git:${password}`).toString('base64')}`;
  const server = createServer(async (request, response) => {
    response.on('close', () => requests.push(`${request.method} ${request.url} ${response.statusCode}`));
    if (await served.onRequest(request, response)) return;
    if (wanted !== undefined && request.headers.authorization !== wanted) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"', 'content-type': 'text/plain' });
      response.end(`no: ${request.headers.authorization ?? 'nobody'}`);
      return;
    }
    await answerBy(folder.path, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await folder.remove();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/fleet.git`;
  return Object.assign(served, { url });
}
