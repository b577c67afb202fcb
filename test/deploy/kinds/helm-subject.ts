import { helmDeploy } from '../../../shared/deploy/helm/helm-deploy.ts';
import { helmSettings } from '../../../shared/deploy/helm/helm-settings.ts';
import type { OpenRelease } from '../../../shared/deploy/helm/helm-visit.ts';
import { textAt } from '../../../shared/deploy/kubernetes/cluster-object.ts';
import { abortable } from '../../../shared/kernel/abortable.ts';
import type { ContestedSubject } from '../../conformance/contested-kind.ts';
import type { OpenKind } from '../../conformance/deploy-kind.ts';
import { MemoryCluster } from '../../support/kubernetes/memory-cluster.ts';
import { type HelmTally, openScriptedHelm } from '../../support/kubernetes/scripted-helm.ts';
import type { Gate } from '../../support/simulation/simulation-ports.ts';

const MAP = '/api/v1/namespaces/default/configmaps/shop';

/** A chart of one object, in a cluster and by a helm of a script. */
export const openHelmKind: OpenKind<ContestedSubject> = async () => {
  const cluster = new MemoryCluster();
  const tally: HelmTally = { upgrades: 0 };
  let isSilent = false;
  const opened =
    (gate: Gate): OpenRelease =>
    async ({ signal }) => ({
      cluster: {
        send: (request) =>
          isSilent
            ? abortable(new Promise(() => undefined), signal)
            : gate('deployer', `${request.method} ${request.path}`, () => cluster.send(request)),
      },
      openHelm: async () => {
        const { helm, ...open } = await openScriptedHelm(cluster, tally);
        const run: typeof helm.run = (args) => gate('deployer', `helm ${args[0]}`, () => helm.run(args));
        return { helm: { ...helm, run }, [Symbol.asyncDispose]: () => open[Symbol.asyncDispose]() };
      },
      [Symbol.asyncDispose]: async () => undefined,
    });
  return {
    kindFor: (gate) => helmDeploy(opened(gate)),
    settings: helmSettings.parse({}),
    files: (generation) => ({
      'shop/Chart.yaml': 'name: shop',
      'shop/templates/a.yaml': JSON.stringify({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'shop' },
        data: { generation: String(generation) },
      }),
    }),
    reads: 'shop/templates/a.yaml',
    current: () => textAt(cluster.objects.get(MAP), 'data', 'generation'),
    wanted: ({ generation }) => String(generation),
    taken: () => tally.upgrades,
    silence: () => {
      isSilent = true;
    },
    others: {
      shows: 'theirs',
      act: () => {
        const found = cluster.objects.get(MAP);
        if (found !== undefined) cluster.objects.set(MAP, { ...found, data: { generation: 'theirs' } });
      },
    },
  };
};
