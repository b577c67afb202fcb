import { commandDeploy } from '../command/command-deploy.ts';
import { directoryDeploy } from '../directory/directory-deploy.ts';
import { functionDeploy } from '../function/function-deploy.ts';
import { gitDeploy } from '../git/git-deploy.ts';
import { helmDeploy } from '../helm/helm-deploy.ts';
import { httpDeploy } from '../http/http-deploy.ts';
import type { DefinedDeploy } from '../kit/define-deploy.ts';
import { kubernetesDeploy } from '../kubernetes/kubernetes-deploy.ts';
import { serviceDeploy } from '../service/service-deploy.ts';
import { siteDeploy } from '../site/site-deploy.ts';
import { stackDeploy } from '../stack/stack-deploy.ts';
import { ownKinds } from './own-kinds.ts';

/** Kinds by their names. */
export type DeployKinds = Readonly<Record<string, DefinedDeploy>>;

/** @throws TypeError where two have one name */
export function kindsOf(kinds: readonly DefinedDeploy[]): DeployKinds {
  const table = Object.fromEntries(kinds.map((kind) => [kind.kind, kind]));
  if (Object.keys(table).length === kinds.length) return table;
  throw new TypeError(`two kinds of deploys have one name: ${kinds.map(({ kind }) => kind).join(', ')}`);
}

/** The kinds of documents: a new one is one more line here. */
export const DEPLOY_KINDS: DeployKinds = kindsOf([
  directoryDeploy,
  commandDeploy(),
  httpDeploy,
  gitDeploy(),
  siteDeploy,
  stackDeploy,
  functionDeploy,
  serviceDeploy,
  kubernetesDeploy,
  helmDeploy(),
]);

/** Those, and the kinds of one's own. */
export const deployKinds = (): DeployKinds => ({ ...DEPLOY_KINDS, ...Object.fromEntries(ownKinds()) });
