import type { S3Root } from '../../../shared/aws/s3/root.ts';
import { s3SiteBucket } from '../../../shared/aws/s3/site/site-bucket.ts';
import { copiedFrom } from '../../../shared/aws/s3/site/site-file.ts';
import { openS3Store, type S3Store } from '../../../shared/aws/s3/store/store.ts';
import { deploySite } from '../../../shared/deploy/site/site-deployer.ts';
import { requireStatus } from '../../../shared/store/status-store.ts';
import type { DockerRegistry } from '../../../test/support/servers/docker-registry.ts';
import type { CorpusFile } from '../artifacts/corpus.ts';
import { type Published, publish } from '../artifacts/publish.ts';
import type { BenchContext, Figure } from '../bench.ts';
import { landInto, sourceAt } from './landing.ts';
import { rootAt } from './s3-root.ts';
import { type S3Count, type S3StandIn, startS3StandIn } from './s3-stand-in.ts';

const EVERY = 20;
const SITE = 'site/';

/** The same files, one of twenty with another content of the same size. */
const changed = (files: readonly CorpusFile[]): readonly CorpusFile[] =>
  files.map((file, at) =>
    at % EVERY === 0 ? { ...file, pieces: () => [Buffer.alloc(file.size, 'changed: ')] } : file,
  );

const told = ({ requests }: S3Count): string =>
  Object.entries(requests)
    .toSorted(([, a], [, b]) => b - a)
    .map(([operation, count]) => `${count} ${operation}`)
    .join(', ');

/** Deploys what is current as a site beside it, as the deploy `site` does. */
async function deployCurrent(
  root: S3Root,
  store: S3Store,
  source: ReturnType<typeof sourceAt>,
): Promise<void> {
  const { current } = await requireStatus(store.objects, source);
  if (current === null) throw new Error('nothing is current');
  const record = await store.artifacts.record(current);
  if (record === undefined) throw new Error('what is current has no record');
  const site = s3SiteBucket({
    site: { ...root, prefix: SITE },
    put: copiedFrom(root, current),
    owner: 'bench',
  });
  const settings = { immutable: [], cacheControl: 'no-cache' };
  const { generation } = await requireStatus(store.objects, source);
  const request = {
    deploy: 'bench',
    source,
    record,
    path: undefined,
    generation,
    signal: new AbortController().signal,
  };
  await deploySite(request, { site, settings, objects: store.objects, assertHeld: () => undefined });
}

async function measure(
  s3: S3StandIn,
  tags: readonly Published[],
  host: string,
  bundle: string,
): Promise<readonly Figure[]> {
  const root = rootAt(s3.url);
  const store = await openS3Store(root);
  const figures: Figure[] = [];
  for (const [at, { repository, tag }] of tags.entries()) {
    const source = sourceAt(`oci://${host}/${repository}`, tag);
    await s3.count();
    const spent = await landInto(s3.url, source, bundle);
    const landed = await s3.count();
    await deployCurrent(root, store, source);
    const deployed = await s3.count();
    const which = at === 0 ? 'a first revision' : 'the next, of which 95 % is the same';
    figures.push(
      { what: `requests to land ${which}`, measured: `${told(landed)}; logged: ${JSON.stringify(spent)}` },
      { what: 'requests to deploy it as a site', measured: told(deployed) },
    );
  }
  return figures;
}

/** What a revision costs that shares most of its files with the one before: counted on the stand-in. */
export async function sharedFigures(
  files: readonly CorpusFile[],
  {
    published,
    registry,
    bundle,
  }: { readonly published: Published; readonly registry: DockerRegistry; readonly bundle: string },
  { scratch }: Pick<BenchContext, 'scratch'>,
): Promise<readonly Figure[]> {
  const next = await publish(changed(files), { name: 'small', tag: 'v2' }, { registry, scratch });
  await using s3 = await startS3StandIn({ latencyMs: 0 });
  return await measure(s3, [published, next], registry.host, bundle);
}
