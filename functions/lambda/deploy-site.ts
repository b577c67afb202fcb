import * as z from 'zod/mini';
import { s3SiteBucket } from '../../shared/aws/s3/site/site-bucket.ts';
import { copiedFrom } from '../../shared/aws/s3/site/site-file.ts';
import { defineDeploy } from '../../shared/deploy/kit/define-deploy.ts';
import { applySite } from '../../shared/deploy/site/apply-site.ts';
import { isPacked } from '../../shared/model/packed.ts';
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

/** Keeps a site in a bucket at what a source has: what the construct SiteDeploy builds. In documents it is the kind `site`. */
export const handler = deployHandler({
  entryOf: () => ({ kind: 'site' }),
  readSettings: (env) => readSettings(env, siteSettings),
  deployer: ({ settings, store, deploys, rootAt, region, log }, lease) =>
    defineDeploy({
      kind: 'site',
      settings: z.object({}),
      plan: async ({ artifact }) => ({
        changes: [{ action: 'update', what: `s3://${settings.site.bucket}/${settings.site.prefix}` }],
        summary: `${artifact.files.length} files, of which those are put that differ`,
      }),
      step: async ({ deploy, revision, artifact, runId, clock, signal }) => {
        const { source } = settings;
        const { generation } = revision;
        const owner = [store.bucket, deploy.name, source.namespace, source.name].join('/');
        const { record } = artifact;
        const request = { deploy: deploy.name, source, record, path: deploy.path, generation, signal };
        const site = rootAt(settings.site);
        // What is packed is no object that S3 could copy.
        const put = isPacked(revision)
          ? (await import('../../shared/aws/s3/site/site-upload.ts')).uploadedFrom(
              deploys.artifacts,
              revision,
            )
          : copiedFrom(store, revision);
        const { changed, isPending, serves, ...result } = await applySite(request, settings, {
          runId,
          clock,
          prefix: site.prefix,
          objects: deploys.objects,
          bucketAt: (folder) =>
            s3SiteBucket({ site: { ...site, prefix: `${site.prefix}${folder}` }, put, owner }),
          // Loaded by who switches or invalidates.
          aws: async () => {
            const { deployAccess } = await import('../../shared/aws/credentials/deploy-access.ts');
            return deployAccess({ sdk: { clock, region }, signal });
          },
          assertHeld: () => lease.assertHeld(),
        });
        log('info', 'site', { generation, revision: revision.revision, ...result });
        return { state: 'succeeded' };
      },
    }),
});
