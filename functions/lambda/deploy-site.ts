import * as z from 'zod/mini';
import { copiedFrom } from '../../shared/aws/s3/site/site-file.ts';
import { systemClock } from '../../shared/clock.ts';
import { defineDeploy } from '../../shared/deploy/kit/define-deploy.ts';
import { LandfallError } from '../../shared/errors.ts';
import { applySite } from '../apply-site.ts';
import { deployHandler } from './deploy-runtime.ts';
import { commonSettings, place, readSettings } from './deploy-settings.ts';

const siteSettings = z.object({
  ...commonSettings,
  site: place,
  immutable: z.array(z.string()),
  cacheControl: z.string(),
  switch: z.optional(z.object({ keyValueStore: z.string(), key: z.string() })),
  invalidate: z.optional(z.object({ distribution: z.string(), paths: z.array(z.string()) })),
});

/** Keeps a site in a bucket at what a source has. */
export const handler = deployHandler({
  entryOf: () => ({ kind: 'site' }),
  readSettings: (env) => readSettings(env, siteSettings),
  deployer: ({ settings, store, deploys, rootAt, log }, lease) =>
    defineDeploy({
      kind: 'site',
      settings: z.object({}),
      plan: async ({ artifact }) => ({
        changes: [{ action: 'update', what: `s3://${settings.site.bucket}/${settings.site.prefix}` }],
        summary: `${artifact.files.length} files, of which those are put that differ`,
      }),
      step: async ({ deploy, revision, signal }) => {
        const record = await deploys.artifacts.record(revision, { signal });
        if (record === undefined) {
          throw new LandfallError('ARTIFACT_NOT_FOUND', `deploy ${deploy.name}: its artifact is gone`);
        }
        const { source, site } = settings;
        const { generation } = revision;
        const owner = [store.bucket, deploy.name, source.namespace, source.name].join('/');
        const request = { deploy: deploy.name, source, record, path: deploy.path, generation, signal };
        const result = await applySite(request, settings, {
          site: rootAt(site),
          put: copiedFrom(store, revision),
          owner,
          objects: deploys.objects,
          sdk: { clock: systemClock },
          assertHeld: () => lease.assertHeld(),
        });
        log('info', 'site', { generation, revision: revision.revision, ...result });
        return { state: 'succeeded' };
      },
    }),
});
