import { after, before } from 'node:test';
import { systemClock } from '../../../shared/clock.ts';
import { findKubectl } from '../../../shared/deploy/kubernetes/build/kubectl.ts';
import { type OpenCluster, openCluster } from '../../../shared/deploy/kubernetes/cluster/open-cluster.ts';
import { textAt } from '../../../shared/deploy/kubernetes/cluster-object.ts';
import { kubernetesDeployBy } from '../../../shared/deploy/kubernetes/kubernetes-deploy.ts';
import { kubernetesSettings } from '../../../shared/deploy/kubernetes/kubernetes-settings.ts';
import {
  type ContestedSubject,
  contestedKindSuite,
  shortVisitsSuite,
} from '../../conformance/contested-kind.ts';
import type { OpenKind } from '../../conformance/deploy-kind.ts';
import { type ApiServer, apiServerSkip, startApiServer } from '../../support/kubernetes/api-server.ts';
import { configMap, objectOf } from './cluster/cluster-world.ts';

let server: ApiServer;
let opened: OpenCluster;
before(async () => {
  if (apiServerSkip !== false) return;
  server = await startApiServer();
  const kubectl = await findKubectl(AbortSignal.timeout(60_000));
  opened = await openCluster({
    ...{ kubectl, kubeconfig: server.kubeconfig, context: undefined, serviceAccount: undefined },
    ...{ clock: systemClock, signal: AbortSignal.timeout(280_000) },
  });
});
after(async () => {
  await opened?.[Symbol.asyncDispose]();
  await server?.stop();
});

const NAME = 'contested';
/** Takes the place of the fields that a deploy applies, as `kubectl edit` does. */
const patch = (generation: string) =>
  server
    .kubectl('patch', 'configmap', NAME, '--type=merge', '-p', JSON.stringify({ data: { generation } }))
    .catch(() => undefined);

/** A ConfigMap in a real API server, each request to which goes through a gate. */
const openContested: OpenKind<ContestedSubject> = async () => ({
  kindFor: (gate) =>
    kubernetesDeployBy(async ({ signal }) => ({
      kubectl: await findKubectl(signal),
      cluster: {
        send: (request) =>
          gate('deployer', `${request.method} ${request.path}`, () => opened.cluster.send(request)),
      },
      [Symbol.asyncDispose]: async () => undefined,
    })),
  settings: kubernetesSettings.parse({}),
  files: (generation) => ({ 'a.yaml': configMap(NAME, { generation: String(generation) }) }),
  current: async () => textAt(await objectOf(server, 'configmap', NAME), 'data', 'generation') || undefined,
  wanted: ({ generation }) => String(generation),
  taken: () => 0,
  others: { shows: 'theirs', act: async () => void (await patch('theirs')) },
});

if (apiServerSkip === false) {
  contestedKindSuite('kubernetes', openContested);
  shortVisitsSuite('kubernetes', openContested);
}
