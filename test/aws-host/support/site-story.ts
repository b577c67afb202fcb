import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { S3Bucket } from '../../../aws-stand-ins/s3/s3-bucket.ts';
import { type Files, plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { landfallProcess } from '../../support/cli.ts';
import type { Json } from '../../support/template-host/json.ts';
import { REGION } from '../../support/template-host/template-host.ts';
import { APP, openStory, type Story, type Synthesized } from './story.ts';

export const REVISION = 'Artifact Revision Changed';
/** What examples/aws/site-app.ts configures. */
const PREFIX = 'www/';

/** A deployed stack with a site. */
export interface SiteStory extends Story {
  readonly site: S3Bucket;
  /** What a visitor gets: texts by path. */
  served(): Files;
  /** What was put into the site's bucket since the last time: `CopyObject www/index.html 200`. */
  changes(): readonly string[];
  /** Bodies of the events that the deploy got. */
  readonly got: readonly string[];
}

/** Deployed, and landed once where there are files. */
export async function openSite(t: TestContext, synthesized: Synthesized, files?: Files): Promise<SiteStory> {
  const story = await openStory(t, synthesized);
  const { host } = story;
  const site = host.s3.bucket(host.outputs['SiteBucketName'] ?? '');
  if (files !== undefined) plantFiles(story.registry, 'latest', files);
  await host.settle();
  const isOfSite = (key: string): boolean => key.startsWith(PREFIX);
  return {
    ...{ ...story, site },
    served: () =>
      Object.fromEntries(
        site
          .keys(PREFIX)
          .map((key) => [key.slice(PREFIX.length), site.objects.get(key)?.bytes.toString() ?? '']),
      ),
    changes: () => {
      const told = host.s3.served
        .filter(({ operation, key }) => operation === 'CopyObject' && isOfSite(key))
        .map(({ operation, key, status }) => `${operation} ${key} ${status}`);
      host.s3.forget();
      return told;
    },
    get got() {
      return host.events
        .filter(
          ({ event }) => event['detail-type'] === REVISION && (event['detail'] as Json)['name'] === 'app',
        )
        .map(({ event }) => JSON.stringify(event));
    },
  };
}

/** Generations that a deploy told of, in order. */
export const deploys = (story: Story, outcome: 'Started' | 'Succeeded' | 'Failed'): readonly unknown[] =>
  story.details(`Deploy ${outcome}`, APP).map(({ generation }) => generation);

/** What an operator does from the command line, and what it prints. */
export async function operate({ host }: Story, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await landfallProcess([...args, '--store', host.outputs['Store'] ?? ''], {
    env: {
      AWS_ENDPOINT_URL: host.aws.url,
      AWS_ENDPOINT_URL_S3: host.s3.url,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: 'AKIAADMINISTRATOR',
      AWS_SECRET_ACCESS_KEY: 'secret',
    },
  });
  assert.equal(code, 0, stderr);
  return stdout;
}
