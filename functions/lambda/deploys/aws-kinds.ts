import type { FunctionKinds } from '../kind-handler.ts';
import { CLUSTER_KINDS } from './cluster-kinds.ts';

/** Kinds that need nothing beside their function. Each is loaded by its deploys alone; a new one is one more line here. */
export const ROLE_KINDS: FunctionKinds = {
  http: async () => (await import('../../../shared/deploy/http/http-deploy.ts')).httpDeploy,
  git: async () => (await import('../../../shared/deploy/git/git-deploy.ts')).gitDeploy(),
  site: async () => (await import('../../../shared/deploy/site/site-deploy.ts')).siteDeploy,
  stack: async () => (await import('../../../shared/deploy/stack/stack-deploy.ts')).stackDeploy,
  function: async () => (await import('../../../shared/deploy/function/function-deploy.ts')).functionDeploy,
  service: async () => (await import('../../../shared/deploy/service/service-deploy.ts')).serviceDeploy,
};

/** All kinds of AWS. */
export const AWS_KINDS: FunctionKinds = { ...ROLE_KINDS, ...CLUSTER_KINDS };
