import { handlerOfKinds } from './kind-handler.ts';

/** Runs one deploy of a document. Each kind is loaded by the function of its deploys alone; a new one is one more line here. */
export const handler = handlerOfKinds({
  http: async () => (await import('../../shared/deploy/http/http-deploy.ts')).httpDeploy,
  site: async () => (await import('../../shared/deploy/site/site-deploy.ts')).siteDeploy,
  stack: async () => (await import('../../shared/deploy/stack/stack-deploy.ts')).stackDeploy,
  function: async () => (await import('../../shared/deploy/function/function-deploy.ts')).functionDeploy,
  service: async () => (await import('../../shared/deploy/service/service-deploy.ts')).serviceDeploy,
});
