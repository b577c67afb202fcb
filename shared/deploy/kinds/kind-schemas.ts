import * as z from 'zod/mini';
import { commandSettings } from '../command/command-settings.ts';
import { directorySettings, locateDirectory } from '../directory/directory-settings.ts';
import { functionSettings } from '../function/function-settings.ts';
import { gitSettings, locateGit } from '../git/git-settings.ts';
import { HELM_OF_CLUSTER, helmSettings, usedByHelm } from '../helm/helm-settings.ts';
import { httpSettings, locateHttp } from '../http/http-settings.ts';
import type { DefinedDeploy } from '../kit/define-deploy.ts';
import type { KindSchema } from '../kit/kind-schema.ts';
import {
  KUBERNETES_OF_CLUSTER,
  kubernetesSettings,
  locateKubeconfig,
  usedByKubernetes,
} from '../kubernetes/kubernetes-settings.ts';
import { serviceSettings } from '../service/service-settings.ts';
import { siteDocument } from '../site/site-document.ts';
import { stackSettings } from '../stack/stack-settings.ts';
import { keepKind, namedKinds, ownKinds } from './own-kinds.ts';

const NO_AWS = { role: 'it does nothing at AWS', region: 'it does nothing at AWS' };
const NO_TARGET = {
  interval: 'it has no target that could be compared',
  drift: 'it has no target that could be compared',
};
const OF_A_LINK = {
  interval: 'a link is looked at each minute as it is',
  drift: 'a link is put back as it is',
};

/** What documents may say of each kind: a new one is one more line here, and one in deploy-kinds.ts. */
export const KIND_SCHEMAS: readonly KindSchema[] = [
  {
    kind: 'directory',
    settings: directorySettings,
    isLong: false,
    lacks: { ...NO_AWS, ...OF_A_LINK },
    locate: locateDirectory,
  },
  { kind: 'command', settings: commandSettings, isLong: false, lacks: { ...NO_AWS, ...NO_TARGET } },
  { kind: 'http', settings: httpSettings, isLong: false, lacks: NO_TARGET, locate: locateHttp },
  { kind: 'git', settings: gitSettings, isLong: false, locate: locateGit },
  { kind: 'site', settings: siteDocument, isLong: true },
  { kind: 'stack', settings: stackSettings, isLong: true },
  { kind: 'function', settings: functionSettings, isLong: true },
  { kind: 'service', settings: serviceSettings, isLong: true },
  {
    kind: 'kubernetes',
    settings: kubernetesSettings,
    isLong: true,
    locate: locateKubeconfig,
    uses: usedByKubernetes,
    ofCluster: KUBERNETES_OF_CLUSTER,
  },
  {
    kind: 'helm',
    settings: helmSettings,
    isLong: true,
    locate: locateKubeconfig,
    uses: usedByHelm,
    ofCluster: HELM_OF_CLUSTER,
  },
];

const schemaOf = ({ definition: { kind, settings, progress } }: DefinedDeploy): KindSchema => ({
  kind,
  settings,
  isLong: progress !== undefined,
});

const openSchema = (kind: string): KindSchema => ({
  kind,
  settings: z.object({}),
  isLong: true,
  isOpen: true,
});

/** Those, and of the kinds of one's own. */
export const kindSchemas = (): readonly KindSchema[] => [
  ...KIND_SCHEMAS,
  ...[...ownKinds().values()].map(schemaOf),
  ...namedKinds().map(openSchema),
];

/**
 * Has documents know a kind of a team's own. To be called before the first is read.
 * @throws TypeError where another kind has its name
 */
export const addKind = (kind: DefinedDeploy): void =>
  keepKind(
    kind,
    KIND_SCHEMAS.map((each) => each.kind),
  );
