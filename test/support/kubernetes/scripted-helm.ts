import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Helm, HelmEnd, OpenHelm } from '../../../shared/deploy/helm/program/helm.ts';
import type { JsonObject } from '../../../shared/kernel/json.ts';
import type { MemoryCluster } from './memory-cluster.ts';

const SECRETS = '/api/v1/namespaces/default/secrets';
const MAPS = '/api/v1/namespaces/default/configmaps';

/** What it has done: upgrades, rollbacks and uninstalls. */
export interface HelmTally {
  upgrades: number;
}

const twice = (text: string): string => Buffer.from(Buffer.from(text).toString('base64')).toString('base64');

/** A helm of a script: a chart's templates are ConfigMaps as they are, as JSON; a release is what Helm makes of one. */
export async function openScriptedHelm(cluster: MemoryCluster, tally: HelmTally): Promise<OpenHelm> {
  const folder = await mkdtemp(join(tmpdir(), 'landfall-test-scripted-'));

  const releases = (name: string): readonly string[] =>
    [...cluster.objects.keys()].filter((path) => path.startsWith(`${SECRETS}/sh.helm.release.v1.${name}.v`));

  const relabel = (path: string, status: string): void => {
    const { metadata, ...rest } = cluster.objects.get(path) as { metadata: { labels: JsonObject } };
    cluster.objects.set(path, { ...rest, metadata: { ...metadata, labels: { ...metadata.labels, status } } });
  };

  async function upgrade(args: readonly string[]): Promise<string> {
    const [, name = '', path = ''] = args;
    const templates = await readdir(join(path, 'templates'));
    const texts = await Promise.all(templates.map((each) => readFile(join(path, 'templates', each), 'utf8')));
    const version = releases(name).length + 1;
    const [own = ''] = [args[args.indexOf('--labels') + 1]];
    const labels = Object.fromEntries(own.split(',').map((each) => each.split('='))) as JsonObject;
    const info = { status: 'deployed', description: 'Upgrade complete' };
    const chart = { metadata: { name: 'shop', version: '1.0.0' } };
    const manifest = texts.join('\n---\n');
    const release = JSON.stringify({ name, namespace: 'default', version, info, chart, manifest, hooks: [] });
    if (args.includes('--dry-run=server')) return release;
    tally.upgrades += 1;
    for (const before of releases(name)) relabel(before, 'superseded');
    for (const text of texts) {
      const object = JSON.parse(text) as { metadata: { name: string } };
      const annotations = { 'meta.helm.sh/release-name': name, 'meta.helm.sh/release-namespace': 'default' };
      const metadata = {
        ...object.metadata,
        annotations,
        labels: { 'app.kubernetes.io/managed-by': 'Helm' },
      };
      cluster.objects.set(`${MAPS}/${object.metadata.name}`, { ...object, metadata });
    }
    cluster.objects.set(`${SECRETS}/sh.helm.release.v1.${name}.v${version}`, {
      metadata: { labels: { ...labels, owner: 'helm', name, status: 'deployed', version: String(version) } },
      data: { release: twice(release) },
    });
    return '';
  }

  const end = (stdout: string): HelmEnd => ({ code: 0, stdout, stderr: '', isOverdue: false });
  const helm: Helm = {
    version: 'v4.1.4',
    major: 4,
    folder,
    run: async (args) => {
      if (args[0] === 'upgrade') return end(await upgrade(args));
      throw new Error(`the script has no helm ${args[0]}`);
    },
  };
  return { helm, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
