import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { OpenRelease } from '../../../shared/deploy/helm/helm-visit.ts';
import { type ApiServer, startApiServer } from '../../support/kubernetes/api-server.ts';
import { helmSkip } from '../../support/kubernetes/helm-tool.ts';
import { gatedRelease, isWriting } from './gated-release.ts';
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
  const open = gatedRelease({
    folder,
    fateOf: (request, { kill }) => {
      if (isWriting(request)) writes += 1;
      if (!isWriting(request) || writes !== at) return {};
      isKilled = true;
      return { [when]: kill };
    },
  });
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

const refusal =
  (code: number, message: string) =>
  (response: ServerResponse): void => {
    const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, message, reason: 'Faulty' };
    response
      .writeHead(code, { 'content-type': 'application/json', 'retry-after': '1' })
      .end(JSON.stringify(status));
  };

const FAULTS: Readonly<Record<string, (response: ServerResponse) => void>> = {
  'too many requests': refusal(429, 'too many requests'),
  'a failure of its own': refusal(500, 'etcdserver: request timed out'),
  'no service': refusal(503, 'the server is currently unable to handle the request'),
  'a cut connection': (response) => response.destroy(),
};
/** Between them they meet every request. */
const EACH = Object.keys(FAULTS).length;
for (const [index, [what, fault]] of Object.entries(FAULTS).entries())
  test(`an API server that answers a helm with ${what}, at one request of its, is asked again, and then has what it is to have`, {
    skip,
    timeout: 280_000,
  }, async () => {
    const name = what.replaceAll(' ', '-');
    const files = (size: number) => chart({ 'a.yaml': configMapTemplate(`killed-${name}`, String(size)) });
    succeeded(await releaseDeploy(server, { name }).run(files(0)));
    for (let at = 1 + index; ; at += EACH) {
      let requests = 0;
      const fateOf = () => {
        requests += 1;
        return requests === at ? { before: fault } : {};
      };
      const open = gatedRelease({ folder, fateOf });
      const error = await releaseDeploy(server, { name, open })
        .run(files(at))
        .then(
          () => undefined,
          (each: unknown) => each as { code: string },
        );
      if (requests < at) break;
      assert.ok(
        error === undefined || error.code === 'DEPLOY_UNAVAILABLE',
        `request ${at}: ${String(error)}`,
      );
      const { end } = await releaseDeploy(server, { name }).run(files(at));
      assert.equal(end.state, 'succeeded');
      const live = await server.kubectl('get', 'configmap', `killed-${name}`, '-o', 'jsonpath={.data.size}');
      assert.equal(live, String(at));
    }
  });
