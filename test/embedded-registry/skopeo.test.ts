import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import type { RegistryAuth } from '../../embedded-registry/auth/registry-auth.ts';
import { digestOf } from '../../shared/oci/digest.ts';
import { skipWithout } from '../support/programs/tool.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { openRegistry } from './test-registry.ts';

const run = promisify(execFile);
const skip = skipWithout(
  ['skopeo', 'umoci'],
  'pushing to and pulling from the embedded registry with skopeo',
);
const users = { landfall: 'secret' };
const AUTHS: readonly RegistryAuth[] = [
  { kind: 'anonymous' },
  { kind: 'basic', users },
  { kind: 'bearer', users, expiresInSeconds: 300 },
];

/** An OCI layout with one image of one layer, as umoci makes it. */
async function makeLayout(folder: string): Promise<string> {
  const layout = join(folder, 'layout');
  const content = join(folder, 'content');
  await mkdir(content);
  await writeFile(join(content, 'app.yaml'), 'kind: ConfigMap\n'.repeat(5_000));
  await run('umoci', ['init', '--layout', layout]);
  await run('umoci', ['new', '--image', `${layout}:v1`]);
  await run('umoci', ['insert', '--rootless', '--image', `${layout}:v1`, content, '/app']);
  return layout;
}

/** The digest a layout's index names for its one image. */
async function digestIn(layout: string): Promise<string> {
  const index = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8')) as {
    readonly manifests: readonly { readonly digest: string }[];
  };
  return index.manifests[0]?.digest ?? '';
}

async function roundTrip(t: TestContext, auth: RegistryAuth): Promise<void> {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const registry = await openRegistry(t, { auth });
  const layout = await makeLayout(folder.path);
  const back = join(folder.path, 'back');
  const remote = `docker://${registry.host}/team/app:v1`;
  const options = (side: 'src' | 'dest'): readonly string[] => [
    `--${side}-tls-verify=false`,
    ...(auth.kind === 'anonymous' ? [] : [`--${side}-creds`, 'landfall:secret']),
  ];
  await run('skopeo', ['copy', '--preserve-digests', ...options('dest'), `oci:${layout}:v1`, remote]);
  await run('skopeo', ['copy', '--preserve-digests', ...options('src'), remote, `oci:${back}:v1`]);
  const digest = await digestIn(layout);
  assert.equal(registry.content.repository('team/app')?.tags.get('v1'), digest);
  assert.equal(await digestIn(back), digest);
  const stored = registry.content.repository('team/app');
  for (const [name, bytes] of stored?.blobs ?? []) assert.equal(digestOf(bytes), name);
  assert.equal(stored?.blobs.size, 2, 'a config and a layer');
}

for (const auth of AUTHS) {
  test(`keeps the digest through skopeo and back, ${auth.kind}`, { skip }, (t) => roundTrip(t, auth));
}
