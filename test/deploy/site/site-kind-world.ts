import { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { openSites, siteClient } from '../../../shared/aws/s3/open-site.ts';
import { uploadedFrom } from '../../../shared/aws/s3/site/site-upload.ts';
import type { AwsAccess } from '../../../shared/deploy/kit/aws-access.ts';
import type { DeployContext, RemoveContext } from '../../../shared/deploy/kit/deploy-context.ts';
import { siteDeploy } from '../../../shared/deploy/site/site-deploy.ts';
import { type SiteDocument, siteDocument } from '../../../shared/deploy/site/site-document.ts';
import type { SiteOutcome } from '../../../shared/deploy/site/site-visit.ts';
import { openMemoryStore } from '../../../shared/store/memory/memory-store.ts';
import { CREDENTIALS, s3For } from '../../aws/support/s3.ts';
import type { Files } from '../../support/artifacts/sample-artifacts.ts';
import { REGION, SleepingClock } from '../../support/aws-server/aws-client-for.ts';
import { accessAt, type Kill } from '../../support/deploys/aws-access.ts';
import { kindContext } from '../../support/deploys/kind-context.ts';

export type SiteKindContext = DeployContext<SiteDocument, SiteOutcome>;

export interface VisitOptions {
  /** Counts the runs and generations. */
  readonly run: number;
  readonly files: Files;
  readonly serves?: string;
  readonly kill?: Kill;
}

/** Buckets of a stand-in, and contexts as the engine gives them. `aws`: where CloudFront or its KeyValueStore is. */
export async function siteKindWorld(t: TestContext, document: object, aws = 'http://127.0.0.1:9') {
  const { server } = await s3For(t, { buckets: ['site'] });
  const clock = new SleepingClock();
  const { objects } = openMemoryStore(clock);
  const settings = siteDocument.parse({ bucket: 'site', endpoint: server.url, ...document });
  const bucket = server.bucket('site');
  const contextOf = ({ run, files, serves, kill }: VisitOptions, access?: AwsAccess): SiteKindContext => {
    const open = openSites({
      clock,
      clientOf: (place) =>
        siteClient(place, { region: REGION, credentials: async () => CREDENTIALS, clock, env: {} }),
      putOf: (_, artifact) =>
        uploadedFrom(
          { open: async (_id, path) => Readable.from([Buffer.from(files[path] ?? '')]) },
          artifact,
        ),
    });
    return kindContext<SiteDocument, SiteOutcome>({
      ...{ kind: 'site', settings, files, clock, run, sites: { objects, open } },
      aws: access ?? accessAt(aws, clock, { kill }),
      location: { in: 'directory', directory: '/store' },
      ...(serves !== undefined && { applied: { result: { serves } } }),
    });
  };
  return {
    ...{ server, bucket, clock, objects, settings, contextOf },
    plan: async (options: VisitOptions) => siteDeploy.plan(contextOf(options)),
    step: async (options: VisitOptions) => siteDeploy.step(contextOf(options)),
    look: async (options: VisitOptions, serves: string) => siteDeploy.look?.(contextOf(options), { serves }),
    undo: async (options: VisitOptions) => siteDeploy.undo?.(contextOf(options), null),
    remove: async () => {
      const { artifact, revision, event, ...rest } = contextOf({ run: 99, files: {} });
      return siteDeploy.remove?.(rest as RemoveContext<SiteDocument, SiteOutcome>, null);
    },
    /** Texts by key. */
    served: (): Files =>
      Object.fromEntries(
        bucket.keys('').map((key) => [key, bucket.objects.get(key)?.bytes.toString() ?? '']),
      ),
  };
}
