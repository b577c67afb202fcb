import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request as send } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { OpenRelease } from '../../../shared/deploy/helm/helm-visit.ts';
import { findHelm } from '../../../shared/deploy/helm/program/helm-program.ts';
import { openHelm } from '../../../shared/deploy/helm/program/open-helm.ts';
import { findKubectl } from '../../../shared/deploy/kubernetes/build/kubectl.ts';
import { openTarget } from '../../../shared/deploy/kubernetes/kubernetes-visit.ts';
import { type ApiServer, startApiServer } from '../../support/kubernetes/api-server.ts';
import { helmSkip } from '../../support/kubernetes/helm-tool.ts';
import { chart, configMapTemplate, type HelmRun, releaseDeploy, succeeded } from './helm-world.ts';

let server: ApiServer;
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'landfall-test-killed-'));
  if (helmSkip === false) server = await startApiServer();
});
after(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});
const skip = helmSkip;

interface Kill {
  /** Of the writes of all helms of one run. */
  readonly at: number;
  /** Whether the API server has taken it. */
  readonly when: 'before' | 'after';
}

/** Kills helm at one of its writes, as the kernel does that has no memory left: it can write nothing down. */
function killedAt({ at, when }: Kill): { readonly open: OpenRelease; readonly isKilled: () => boolean } {
  let writes = 0;
  let isKilled = false;
  const open: OpenRelease = async (context) => {
    const { signal } = context;
    const cluster = await openTarget(context, await findKubectl(signal));
    let leader = 0;
    const kill = (): void => {
      isKilled = true;
      process.kill(-leader, 'SIGKILL');
    };
    const gate = createServer((request, response) => {
      const { method, url = '', headers } = request;
      const isWrite = method !== 'GET' && !url.includes('dryRun');
      if (isWrite) writes += 1;
      const isHere = isWrite && writes === at;
      if (isHere && when === 'before') return kill();
      const onward = send({ socketPath: cluster.socket, method, path: url, headers }, (answer) => {
        if (isHere) return answer.resume().on('end', kill);
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        return answer.pipe(response);
      });
      onward.on('error', () => response.destroy());
      return request.pipe(onward);
    });
    const socket = join(folder, `gate-${at}-${when}-${Math.random()}`);
    gate.listen(socket);
    return {
      cluster: cluster.cluster,
      openHelm: async () =>
        openHelm({
          program: await findHelm(signal),
          socket,
          fence: undefined,
          context: {
            signal,
            claimFor: async (pid) => {
              leader = pid;
            },
          },
        }),
      [Symbol.asyncDispose]: async () => {
        gate.closeAllConnections();
        gate.close();
        await cluster[Symbol.asyncDispose]();
      },
    };
  };
  return { open, isKilled: () => isKilled };
}

const FIRST = chart({ 'a.yaml': configMapTemplate('killed-a'), 'b.yaml': configMapTemplate('killed-b') });
const SECOND = chart({
  'a.yaml': configMapTemplate('killed-a', 'large'),
  'c.yaml': configMapTemplate('killed-c'),
});

const objects = async (): Promise<string> =>
  (
    await server.kubectl(
      'get',
      'configmap',
      '-o',
      'jsonpath={range .items[*]}{.metadata.name}={.data.size} {end}',
    )
  )
    .split(' ')
    .filter((name) => name.startsWith('killed-'))
    .join(' ');

const deployWith = (open?: OpenRelease) =>
  releaseDeploy(server, { name: 'killed', ...(open !== undefined && { open }) });

for (const when of ['before', 'after'] as const)
  test(`a helm that is killed ${when} any of its writes is healed by the next visit: install, upgrade, uninstall`, {
    skip,
    timeout: 280_000,
  }, async () => {
    let points = 0;
    const killing = async (begin: (open: OpenRelease) => Promise<HelmRun>, again: () => Promise<HelmRun>) => {
      for (let at = 1; ; at += 1) {
        const { open, isKilled } = killedAt({ at, when });
        const error = await begin(open).then(
          () => undefined,
          (each: unknown) => each,
        );
        assert.equal(isKilled(), error !== undefined, String(error));
        if (!isKilled()) return;
        assert.match(String(error), /failed \((killed|137)\)/);
        points += 1;
        assert.equal((await again()).end.state, 'succeeded', `write ${at}`);
        if (begin === upgrade) {
          assert.equal(await objects(), 'killed-a=large killed-c=small');
          succeeded(await deployWith().run(FIRST));
        } else if (begin === install) {
          assert.equal(await objects(), 'killed-a=small killed-b=small');
          await deployWith().remove();
        } else {
          assert.equal(await objects(), '');
          succeeded(await deployWith().run(FIRST));
        }
      }
    };
    const install = (open: OpenRelease) => deployWith(open).run(FIRST);
    const upgrade = (open: OpenRelease) => deployWith(open).run(SECOND);
    const remove = (open: OpenRelease) => deployWith(open).remove();
    await killing(install, () => deployWith().run(FIRST));
    succeeded(await deployWith().run(FIRST));
    await killing(upgrade, () => deployWith().run(SECOND));
    await killing(remove, () => deployWith().remove());
    assert.ok(points >= 10, `${points} points`);
  });
