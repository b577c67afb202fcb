import { hash } from 'node:crypto';
import { openSites, siteClient } from '../../../shared/aws/s3/open-site.ts';
import { uploadedFrom } from '../../../shared/aws/s3/site/site-upload.ts';
import type { OpenSite } from '../../../shared/deploy/kit/site-access.ts';
import { siteFiles } from '../../../shared/deploy/site/site.ts';
import { siteDeploy } from '../../../shared/deploy/site/site-deploy.ts';
import { siteDocument } from '../../../shared/deploy/site/site-document.ts';
import { releaseOf, switchValue } from '../../../shared/deploy/site/site-switch.ts';
import { CREDENTIALS, s3For } from '../../aws/support/s3.ts';
import type { ContestedSubject } from '../../conformance/contested-kind.ts';
import type { OpenKind } from '../../conformance/deploy-kind.ts';
import { REGION } from '../../support/aws-server/aws-client-for.ts';
import { accessAt } from '../../support/deploys/aws-access.ts';
import { gatedAws } from '../../support/deploys/gated-kind.ts';
import { keyValueStoreFor, STORE_ARN } from '../../support/key-value-store/key-value-store-server.ts';
import type { Gate } from '../../support/simulation/simulation-ports.ts';
import type { Files } from '../../support/stores/memory-sources.ts';
import { recordOf } from '../site/site-world.ts';

const OPERATIONS = ['ListObjectsV2', 'PutObject', 'HeadObject', 'DeleteObjects'] as const;

/** Something stays, something changes, and pages come and go. */
const files = (generation: number): Files => ({
  'app.js': `code ${generation}`,
  'index.html': `page ${generation}`,
  'site.css': 'red',
  [`news-${generation}.html`]: `news ${generation}`,
});

const textOf = (served: Files): string => JSON.stringify(Object.entries(served).toSorted());

/** A bucket that an uploading machine puts a site into. */
async function bucketFor(t: Parameters<OpenKind>[0], { clock, store }: Parameters<OpenKind>[1]) {
  const { server } = await s3For(t, { buckets: ['site'] });
  const bucket = server.bucket('site');
  const taken = new Set<string>();
  bucket.watchers.add(({ kind, key, object }) => taken.add(`${kind} ${key} ${object.etag}`));
  const sites = (gate: Gate): OpenSite =>
    openSites({
      clock,
      clientOf: (place) => {
        const client = siteClient(place, {
          region: REGION,
          credentials: async () => CREDENTIALS,
          clock,
          env: {},
        });
        const send: typeof client.send = (request) =>
          gate('deployer', `${request.method} ${request.key ?? ''}`, () => client.send(request));
        return { ...client, send };
      },
      putOf: (_, artifact) => uploadedFrom(store.artifacts, artifact),
    });
  const put = (key: string, text: string): void => {
    const bytes = Buffer.from(text);
    const about = { sha256: undefined, contentType: 'text/html' };
    bucket.put(key, { bytes, etag: `"${hash('md5', bytes)}"`, ...about });
  };
  const served = (): string =>
    textOf(Object.fromEntries([...bucket.objects].map(([key, { bytes }]) => [key, bytes.toString()])));
  const silence = (): void => {
    for (const operation of OPERATIONS)
      server.faults.add({ operation, when: 'before', trouble: 'stall', times: 99 });
  };
  return { server, taken, sites, put, served, silence };
}

/** A site whose files are put one by one. */
export const openSite: OpenKind<ContestedSubject> = async (t, world) => {
  const { server, taken, sites, put, served, silence } = await bucketFor(t, world);
  const hasPage = (): boolean => served().includes('"page 2"');
  return {
    sites,
    files,
    silence,
    kindFor: () => siteDeploy,
    settings: siteDocument.parse({ bucket: 'site', endpoint: server.url }),
    reads: 'app.js',
    current: served,
    wanted: ({ generation }) => textOf(files(generation)),
    taken: () => taken.size,
    others: { shows: '', isOurs: hasPage, act: () => put('index.html', 'theirs') },
  };
};

/** A site of releases, of which a key says which is served. */
export const openSwitchedSite: OpenKind<ContestedSubject> = async (t, world) => {
  const moves = new Set<string | undefined>();
  const { server, sites, silence } = await bucketFor(t, world);
  const kvs = await keyValueStoreFor(t);
  const settings = siteDocument.parse({
    bucket: 'site',
    prefix: 'www',
    endpoint: server.url,
    switch: { keyValueStore: STORE_ARN, key: 'site:current' },
  });
  return {
    sites,
    files,
    silence,
    kindFor: () => siteDeploy,
    aws: (gate, signal) => gatedAws(accessAt(kvs.url, world.clock, { signal }), gate),
    settings,
    reads: 'app.js',
    current: () => kvs.keys.get('site:current'),
    wanted: ({ generation }) =>
      switchValue('www/', releaseOf(siteFiles(recordOf(files(generation)), undefined, settings))),
    taken: () => moves.add(kvs.keys.get('site:current')).size,
    others: { shows: 'www/theirs', act: () => kvs.put('site:current', 'www/theirs') },
  };
};
