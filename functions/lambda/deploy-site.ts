import { s3SiteBucket } from '../../shared/aws/s3/site-bucket.ts';
import { copiedFrom } from '../../shared/aws/s3/site-file.ts';
import { deploySite } from '../../shared/deploy/site/site-deployer.ts';
import { LandfallError } from '../../shared/errors.ts';
import { deployHandler } from './deploy-runtime.ts';
import { readSettings, siteSettings } from './deploy-settings.ts';

/** Keeps a site in a bucket at what a source has. */
export const handler = deployHandler({
  kind: 'site',
  readSettings: (env) => readSettings(env, siteSettings),
  deployer: ({ settings, store, deploys, rootAt, log }, lease) => ({
    apply: async ({ deploy, revision, signal }) => {
      const record = await deploys.artifacts.record(revision, { signal });
      if (record === undefined) {
        throw new LandfallError('ARTIFACT_NOT_FOUND', `deploy ${deploy.name}: its artifact is gone`);
      }
      const { source, site, immutable, cacheControl } = settings;
      const { generation } = revision;
      const owner = [store.bucket, deploy.name, source.namespace, source.name].join('/');
      const request = { deploy: deploy.name, source, record, path: deploy.path, generation, signal };
      const result = await deploySite(request, {
        site: s3SiteBucket({ site: rootAt(site), put: copiedFrom(store, revision), owner }),
        settings: { immutable, cacheControl },
        objects: deploys.objects,
        assertHeld: () => lease.assertHeld(),
      });
      log('info', 'site', { generation, revision: revision.revision, ...result });
    },
  }),
});
