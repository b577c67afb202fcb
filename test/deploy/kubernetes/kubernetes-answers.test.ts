import assert from 'node:assert/strict';
import { createServer, request as send } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Pool } from 'undici';
import { systemClock } from '../../../shared/clock.ts';
import { findKubectl } from '../../../shared/deploy/kubernetes/build/kubectl.ts';
import { requestCluster } from '../../../shared/deploy/kubernetes/cluster/cluster-request.ts';
import { ClusterSecrets } from '../../../shared/deploy/kubernetes/cluster/cluster-secrets.ts';
import { openCluster } from '../../../shared/deploy/kubernetes/cluster/open-cluster.ts';
import { converge } from '../../../shared/deploy/kubernetes/converge.ts';
import { visitCluster } from '../../../shared/deploy/kubernetes/kubernetes-visit.ts';
import { isLandfallError } from '../../../shared/errors.ts';
import { type ApiServer, apiServerSkip, startApiServer } from '../../support/kubernetes/api-server.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { clusterDeploy, configMap } from './cluster/cluster-world.ts';

let server: ApiServer;
before(async () => {
  if (apiServerSkip === false) server = await startApiServer();
});
after(async () => server?.stop());
const skip = apiServerSkip;

interface Fault {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
  readonly retryAfter?: string;
  /** The API server has done what it was asked all the same. */
  readonly isDone?: boolean;
  /** Asked again within the visit; else by it or by the next. */
  readonly isAtOnce: boolean;
}

/** As API servers word them: https://github.com/kubernetes/apimachinery/blob/master/pkg/api/errors/errors.go, and etcd's rpctypes. */
const FAULTS: Readonly<Record<string, Fault>> = {
  'a conflict': {
    ...{ status: 409, reason: 'Conflict', isAtOnce: false },
    message:
      'Operation cannot be fulfilled on configmaps "x": the object has been modified; please apply your changes to the latest version and try again',
  },
  'too many requests': {
    ...{ status: 429, reason: 'TooManyRequests', retryAfter: '1', isAtOnce: true },
    message: 'too many requests, please try again later',
  },
  'a slow etcd, that did it': {
    ...{ status: 504, reason: 'Timeout', isDone: true, isAtOnce: false },
    message: 'request did not complete within the allotted timeout',
  },
  'an etcd that timed out': {
    ...{ status: 500, reason: '', isAtOnce: false },
    message: 'etcdserver: request timed out',
  },
  'an etcd that changes its leader': {
    ...{ status: 500, reason: '', isDone: true, isAtOnce: false },
    message: 'etcdserver: leader changed',
  },
};

/** Stands between a visit and kubectl's proxy, and has one request end as told. */
async function openFaulty(socket: string, folder: string, name: string) {
  const state = { at: -1, requests: 0, fault: undefined as Fault | undefined };
  const gate = createServer((request, response) => {
    const at = state.requests;
    state.requests += 1;
    const { fault } = state;
    const isHit = at === state.at && fault !== undefined;
    const tell = (): void => {
      const { status = 500, reason = '', message = '', retryAfter } = fault ?? {};
      response
        .writeHead(status, {
          'content-type': 'application/json',
          ...(retryAfter !== undefined && { 'retry-after': retryAfter }),
        })
        .end(JSON.stringify({ kind: 'Status', status: 'Failure', code: status, reason, message }));
    };
    if (isHit && fault.isDone !== true) return void request.resume().on('end', tell);
    const { method, url: path, headers } = request;
    const onward = send({ socketPath: socket, method, path, headers }, (answer) => {
      if (isHit) return void answer.resume().on('end', tell);
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  const socketPath = join(folder, name);
  await new Promise<void>((resolve) => gate.listen(socketPath, resolve));
  return { state, gate, socketPath };
}

for (const [what, fault] of Object.entries(FAULTS))
  test(`${what}, at any one request of a visit, is gone over: at once or by the next`, {
    skip,
    timeout: 240_000,
  }, async (t) => {
    const folder = await temporaryFolder();
    const signal = AbortSignal.timeout(230_000);
    const kubectl = await findKubectl(signal);
    await using open = await openCluster({
      ...{ kubectl, kubeconfig: server.kubeconfig, context: undefined, serviceAccount: undefined },
      ...{ clock: systemClock, signal },
    });
    const { state, gate, socketPath } = await openFaulty(open.socket, folder.path, 'gate');
    const pool = new Pool('http://localhost', { socketPath });
    t.after(async () => {
      await pool.destroy();
      gate.close();
      await folder.remove();
    });
    const clock = { now: () => Date.now(), sleep: async () => undefined };
    const secrets = new ClusterSecrets();
    const cluster = {
      send: (request: Parameters<typeof requestCluster>[0]) =>
        requestCluster(request, { dispatcher: pool, clock, signal, told: () => '', secrets }),
    };
    const name = `answers-${Object.keys(FAULTS).indexOf(what)}`;
    const deploy = clusterDeploy(server, { name });
    const files = (x: string, more: string) => ({
      'a.yaml': configMap(`${name}-a`, { x }),
      'b.yaml': configMap(`${name}-${more}`, { x: '1' }),
    });
    const visit = (given: Readonly<Record<string, string>>) =>
      converge(visitCluster(deploy.context(given), kubectl, cluster));
    const ours = async () =>
      (
        await server.kubectl(
          'get',
          'configmap',
          '-o',
          'jsonpath={range .items[*]}{.metadata.name}={.data.x} {end}',
        )
      )
        .split(' ')
        .filter((each) => each.startsWith(`${name}-`))
        .toSorted();
    state.fault = fault;
    let hits = 0;
    for (let at = 0; ; at += 1) {
      state.at = -1;
      await visit(files('1', 'b'));
      state.at = at;
      state.requests = 0;
      const wanted = files('2', 'c');
      const failure = await visit(wanted).then(
        () => undefined,
        (error: unknown) => error,
      );
      const isHit = state.requests > at;
      if (failure !== undefined) {
        assert.ok(
          isLandfallError(failure) && failure.code === 'DEPLOY_UNAVAILABLE',
          `request ${at}: ${failure}`,
        );
        assert.equal(fault.isAtOnce, false, `request ${at}: ${failure}`);
        await visit(wanted);
      }
      assert.deepEqual(await ours(), [`${name}-a=2`, `${name}-c=1`], `request ${at}`);
      if (!isHit) break;
      hits += 1;
    }
    assert.ok(hits >= 8, `${hits} requests`);
  });

test('what is too large for etcd is told for good, with what to do', {
  skip,
}, async () => {
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'larges.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { kind: 'Large', plural: 'larges', singular: 'large', listKind: 'LargeList' },
      versions: [
        {
          ...{ name: 'v1', served: true, storage: true },
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  };
  await clusterDeploy(server, { name: 'larges', settings: { wait: true } }).run({
    'd.yaml': JSON.stringify(definition),
  });
  const large = {
    apiVersion: 'example.com/v1',
    kind: 'Large',
    metadata: { name: 'large' },
    text: 'x'.repeat(1_700_000),
  };
  await assert.rejects(clusterDeploy(server, { name: 'large' }).run({ 'l.yaml': JSON.stringify(large) }), {
    code: 'DEPLOY_FAILED',
    message: /request is too large/,
  });
});
