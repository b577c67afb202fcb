import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { EmbeddedRegistry } from '../../embedded-registry/embedded-registry.ts';
import { openRegistry } from '../embedded-registry/test-registry.ts';
import { plantFiles } from '../support/artifacts/sample-artifacts.ts';
import { folderFor, landfall } from '../support/cli.ts';
import { assertDocument, assertShown } from '../support/hostile-text.ts';
import { REPOSITORY, WAYS } from './registry-ways.ts';

async function assertCommands(t: TestContext, registry: EmbeddedRegistry, isRetried: boolean): Promise<void> {
  const folder = await folderFor(t);
  const url = `oci://${registry.host}/${REPOSITORY}`;
  const [sources, store] = [join(folder, 'sources.yaml'), join(folder, 'store')];
  await writeFile(
    sources,
    `sources:
  - { name: a, url: "${url}", ref: { tag: 1.0.0 } }
  - { name: b, url: "${url}", ref: { semver: ">=0" } }
  - { name: c, url: "${url}", ref: { tag: 1.0.0 }, verify: { provider: cosign, keys: [{ file: none.pub }] } }
`,
  );
  const at = `${url}:1.0.0`;
  const plain = ['--plain-http', '--timeout', isRetried ? '1s' : '5s'];
  const lines: readonly (readonly string[])[] = [
    ['resolve', at, ...plain],
    ['tags', url, ...plain],
    ['tags', url, '--semver', '>=9', ...plain],
    ['list', url, ...plain],
    ['inspect', at, ...plain],
    ['pull', at, '-o', join(folder, 'out'), ...plain],
    ['explain', '-f', sources, 'a', ...plain],
    ['explain', '-f', sources, 'b', ...plain],
    ['verify', '-f', sources, 'c', ...plain],
    ['copy', at, `oci://${registry.host}/other/app:1`, ...plain],
    ['diff', at, folder, ...plain],
    ['serve', '-f', sources, '--store', store, '--once', ...plain],
    ['status', '--store', store],
    ['events', '--store', store],
    ...['sources', 'artifacts', 'events', 'all'].flatMap((list) => [
      ['get', list, '--store', store],
      ['get', list, '--store', store, '-o', 'wide'],
      ['get', list, '--store', store, '-o', 'yaml'],
      ['get', list, '--store', store, '-o', 'name'],
    ]),
    ['fsck', '--store', store],
  ];
  const asked = isRetried
    ? lines.filter(([name = '']) => ['resolve', 'serve', 'status', 'get'].includes(name))
    : lines;
  for (const line of asked)
    for (const json of line.includes('-o') && line[0] === 'get' ? [[]] : [[], ['--json']]) {
      const { stdout, stderr } = await landfall([...line, ...json]);
      const where = `landfall ${[...line, ...json].join(' ')}`;
      assertShown(stdout, `${where}: stdout`);
      assertShown(stderr, `${where}: stderr`);
      if (json.length > 0 && stdout !== '') assertDocument(stdout, where);
    }
}

for (const { what, path, effect, plant, isRetried = false } of WAYS)
  test(`what a registry says forges and hides nothing: ${what}`, async (t) => {
    const registry = await openRegistry(t);
    if (plant === undefined) plantFiles(registry, '1.0.0', { a: 'b' });
    else plant(registry);
    if (path !== undefined && effect !== undefined) registry.faults.add({ path }, effect);
    await assertCommands(t, registry, isRetried);
  });
