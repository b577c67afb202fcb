import type { FunctionKinds } from '../kind-handler.ts';

/** The kinds of AWS. Each is loaded by the function of its deploys alone; a new one is one more line here. */
export const AWS_KINDS: FunctionKinds = {
  http: async () => (await import('../../../shared/deploy/http/http-deploy.ts')).httpDeploy,
  site: async () => (await import('../../../shared/deploy/site/site-deploy.ts')).siteDeploy,
  stack: async () => (await import('../../../shared/deploy/stack/stack-deploy.ts')).stackDeploy,
  function: async () => (await import('../../../shared/deploy/function/function-deploy.ts')).functionDeploy,
  service: async () => (await import('../../../shared/deploy/service/service-deploy.ts')).serviceDeploy,
};
