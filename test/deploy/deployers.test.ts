import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { inspect } from 'node:util';
import { systemClock } from '../../shared/clock.ts';
import { readSecret } from '../../shared/credentials/secret.ts';
import { WatchedFiles } from '../../shared/credentials/watched-files.ts';
import { commandDeploy } from '../../shared/deploy/command/command-deploy.ts';
import { httpDeploy } from '../../shared/deploy/http/http-deploy.ts';
import { folder, run, SAMPLE } from './visit/one-step.ts';

const deployCommand = (command: readonly string[], directory: string, signal?: AbortSignal): Promise<void> =>
  run(commandDeploy(), { command }, directory, signal);

const deployHttp = (settings: object): Promise<void> => run(httpDeploy, settings, '/');

describe('a command deploy', () => {
  test('gets the event on stdin and the files in its environment and folder', async (t) => {
    const root = folder(t);
    const out = join(root, 'out');
    const script =
      'cat > "$0"; printf "\\n%s\\n%s\\n%s" "$LANDFALL_SOURCE" "$LANDFALL_GENERATION" "$PWD" >> "$0"';
    await deployCommand(['sh', '-c', script, out], root);
    const [event = '', source, generation, cwd] = readFileSync(out, 'utf8').split('\n');
    assert.equal(JSON.parse(event).id, SAMPLE.id);
    assert.deepEqual([source, generation, cwd], ['web/site', '3', root]);
  });

  const failures = [
    {
      name: 'any other exit is final',
      command: ['sh', '-c', 'echo broken >&2; exit 3'],
      code: 'DEPLOY_FAILED',
      says: /exited with 3.*broken/,
      next: /landfall replay/,
    },
    {
      name: 'exit 75 asks to be run again',
      command: ['sh', '-c', 'exit 75'],
      code: 'DEPLOY_UNAVAILABLE',
      says: /exited with 75/,
      next: /it is tried again\.$/,
    },
    {
      name: 'a missing program is final',
      command: ['/nonexistent/program'],
      code: 'DEPLOY_FAILED',
      says: /cannot be run: it is not there$/,
      next: /./,
    },
  ];
  for (const { name, command, code, says, next } of failures) {
    test(name, async (t) => {
      await assert.rejects(deployCommand(command, folder(t)), { code, message: says, hint: next });
    });
  }

  const programs = [
    {
      what: 'of the artifact',
      program: './deploy.sh',
      says: /not in the artifact, where it was looked for at \/.*\/deploy\.sh$/,
      next: /absolute path, or as a name on PATH/,
    },
    {
      what: 'of a folder of the artifact',
      program: 'bin/deploy',
      says: /not in the artifact, where/,
      next: /Push it/,
    },
    {
      what: 'by name',
      program: 'landfall-no-such',
      says: /: it is not on PATH$/,
      next: /written \.\/landfall-no-such\.$/,
    },
    {
      what: 'that is not executable',
      program: './plain.sh',
      says: /it is there, and is not executable$/,
      next: /chmod \+x/,
    },
    {
      what: 'without its interpreter',
      program: './odd.sh',
      says: /interpreter that its first line names is not$/,
      next: /#!/,
    },
  ];
  for (const { what, program, says, next } of programs) {
    test(`says where a program ${what} was looked for, and what to write`, async (t) => {
      const root = folder(t);
      writeFileSync(join(root, 'plain.sh'), '#!/bin/sh\n', { mode: 0o644 });
      writeFileSync(join(root, 'odd.sh'), '#!/bin/no-such-shell\n', { mode: 0o755 });
      await assert.rejects(deployCommand([program], root), {
        code: 'DEPLOY_FAILED',
        message: says,
        hint: next,
      });
    });
  }

  test('is ended when it is told to stop, and says that it is tried again by itself', async (t) => {
    const stop = AbortSignal.timeout(50);
    await assert.rejects(deployCommand(['sleep', '60'], folder(t), stop), {
      code: 'DEPLOY_UNAVAILABLE',
      hint: /`timeout`.*it is tried again\.$/,
    });
  });

  test('tells nothing of the secrets of its environment, and still has them', async (t) => {
    const name = 'LANDFALL_REGISTRY_7_PASSWORD';
    process.env[name] = 'canary-of-a-password';
    t.after(() => {
      delete process.env[name];
    });
    const script = `test "$${name}" = canary-of-a-password && echo "login with $${name} failed" >&2; exit 3`;
    await assert.rejects(deployCommand(['sh', '-c', script], folder(t)), (error) => {
      assert.match(String(error), /exited with 3; it said: login with \*\*\* failed$/);
      assert.doesNotMatch(inspect(error, { depth: 10 }), /canary-of-a-password/);
      return true;
    });
  });

  test('tells nothing of a secret that Landfall has read elsewhere', async (t) => {
    const root = folder(t);
    writeFileSync(join(root, 'password'), 'canary-of-a-file\n');
    const deps = { files: new WatchedFiles(systemClock), env: {} };
    await readSecret({ file: join(root, 'password') }, deps);
    const script = 'echo "login with $(cat password) failed" >&2; exit 3';
    await assert.rejects(deployCommand(['sh', '-c', script], root), (error) => {
      assert.match(String(error), /it said: login with \*\*\* failed$/);
      assert.doesNotMatch(inspect(error, { depth: 10 }), /canary-of-a-file/);
      return true;
    });
  });

  test('does not mind a program that never reads its stdin', async (t) => {
    await deployCommand(['true'], folder(t));
  });
});

describe('an http deploy', () => {
  async function serverOf(
    t: TestContext,
    status: number,
  ): Promise<{ url: string; bodies: unknown[]; headers: NodeJS.Dict<string | string[]>[] }> {
    const bodies: unknown[] = [];
    const headers: NodeJS.Dict<string | string[]>[] = [];
    const server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk) => {
        text += chunk;
      });
      request.on('end', () => {
        bodies.push(JSON.parse(text));
        headers.push(request.headers);
        response.writeHead(status, { location: 'http://127.0.0.1:1/elsewhere' }).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?key=canary`,
      bodies,
      headers,
    };
  }

  test('posts a CloudEvent with the headers it was given', async (t) => {
    const { url, bodies, headers } = await serverOf(t, 202);
    await deployHttp({ url, headers: { Authorization: 'Bearer abc' } });
    const [event] = bodies as Record<string, unknown>[];
    assert.equal(event?.['specversion'], '1.0');
    assert.equal(event?.['type'], 'landfall.artifact.revision.changed');
    assert.partialDeepStrictEqual(event?.['data'], { namespace: 'web', name: 'site' });
    assert.equal(headers[0]?.['authorization'], 'Bearer abc');
    assert.match(String(headers[0]?.['content-type']), /^application\/cloudevents\+json/);
  });

  test('has headers that are secrets read when it posts', async (t) => {
    const { url, headers } = await serverOf(t, 200);
    const file = join(folder(t), 'token');
    writeFileSync(file, 'Bearer of-a-file');
    await deployHttp({ url, headers: { Authorization: { file } } });
    assert.equal(headers[0]?.['authorization'], 'Bearer of-a-file');
  });

  const DEPLOY_FAILED = [300, 302, 400, 409, 424, 426, 499];
  const DEPLOY_UNAVAILABLE = [408, 425, 429, 500, 503];
  for (const [code, status] of Object.entries({ DEPLOY_FAILED, DEPLOY_UNAVAILABLE }).flatMap(
    ([each, statuses]) => statuses.map((status) => [each, status] as const),
  )) {
    test(`${status} is ${code}, and the message does not show the query`, async (t) => {
      const { url } = await serverOf(t, status);
      await assert.rejects(deployHttp({ url }), (error: Error & { code?: string }) => {
        assert.equal(error.code, code);
        assert.doesNotMatch(error.message, /canary/);
        return true;
      });
    });
  }

  test('a receiver that is not there is worth another try', async () => {
    await assert.rejects(deployHttp({ url: 'http://127.0.0.1:9/' }), {
      code: 'DEPLOY_UNAVAILABLE',
    });
  });
});
