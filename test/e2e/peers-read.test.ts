import assert from 'node:assert/strict';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { landfallProcess } from '../support/cli.ts';
import { skopeoCopy } from '../support/programs/oci-tools.ts';
import { filesIn, peer, plantChart, untar } from '../support/programs/peers.ts';
import { openScene, pull, push, regctl, type Scene, skipFor } from './peer-scene.ts';

interface Reader {
  readonly what: string;
  readonly programs: readonly string[];
  /** Gives the folder it has read `name` into. */
  read(scene: Scene, name: string): Promise<string>;
}

/** The layer of a layout that has one artifact. */
async function layerIn(layout: string, digest: string): Promise<string> {
  const blob = (of: string) => join(layout, 'blobs', of.replace(':', '/'));
  const manifest = JSON.parse(await readFile(blob(digest), 'utf8')) as { layers: [{ digest: string }] };
  return blob(manifest.layers[0].digest);
}

const READERS: readonly Reader[] = [
  {
    what: 'crane validate and crane export',
    programs: ['crane', 'tar'],
    read: async ({ folder, host }, name) => {
      await peer(folder, 'crane', ['validate', '--insecure', '--remote', `${host}/${name}`]);
      await peer(folder, 'crane', ['export', '--insecure', `${host}/${name}`, 'exported.tar']);
      return untar(join(folder, 'exported.tar'), join(folder, 'exported'));
    },
  },
  {
    what: 'oras cp to a layout',
    programs: ['oras', 'tar'],
    read: async ({ folder, host }, name) => {
      const layout = join(folder, 'layout');
      await peer(folder, 'oras', [
        'cp',
        '--from-plain-http',
        `${host}/${name}`,
        '--to-oci-layout',
        `${layout}:1`,
      ]);
      const [{ digest }] = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8')).manifests;
      return untar(await layerIn(layout, digest), join(folder, 'copied'));
    },
  },
  {
    what: 'regctl artifact get',
    programs: ['regctl', 'tar'],
    read: async (scene, name) => {
      const out = join(scene.folder, 'got');
      await mkdir(out);
      await regctl(scene, 'artifact', 'get', '-o', out, `${scene.host}/${name}`);
      const [layer = ''] = await readdir(out);
      return untar(join(out, layer), join(scene.folder, 'layer'));
    },
  },
  {
    what: 'skopeo copy to a layout',
    programs: ['skopeo', 'tar'],
    read: async ({ folder, host }, name) => {
      const layout = join(folder, 'layout');
      await skopeoCopy(`docker://${host}/${name}`, `oci:${layout}:1`);
      const [{ digest }] = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8')).manifests;
      return untar(await layerIn(layout, digest), join(folder, 'copied'));
    },
  },
];

describe('what Landfall pushes, others read', () => {
  for (const { what, programs, read } of READERS) {
    test(what, { skip: skipFor(what, programs) }, async (t) => {
      const scene = await openScene(t);
      await push(scene, 'team/app:1');
      assert.deepEqual(await filesIn(await read(scene, 'team/app:1')), await filesIn(scene.sample));
    });
  }

  const IMAGE = 'skopeo inspect and umoci raw unpack of what was pushed as an image';
  test(IMAGE, { skip: skipFor(IMAGE, ['skopeo', 'umoci']) }, async (t) => {
    const scene = await openScene(t);
    const { folder, host } = scene;
    const types = { media: 'layer.v1.tar+gzip', 'config-media': 'config.v1+json' };
    const options = Object.entries(types).flatMap(([of, type]) => [
      `--${of}-type`,
      `application/vnd.oci.image.${type}`,
    ]);
    const digest = await push(scene, 'team/app:1', ...options);
    const image = `docker://${host}/team/app:1`;
    const said = JSON.parse(await peer(folder, 'skopeo', ['inspect', '--tls-verify=false', image]));
    assert.equal(said.Digest, digest);
    await skopeoCopy(image, `oci:${join(folder, 'layout')}:1`);
    await peer(folder, 'umoci', ['raw', 'unpack', '--rootless', '--image', 'layout:1', 'rootfs']);
    assert.deepEqual(await filesIn(join(folder, 'rootfs')), await filesIn(scene.sample));
  });

  for (const [what, program, args] of [
    ['crane digest', 'crane', (url: string) => ['digest', '--insecure', url]],
    ['oras resolve', 'oras', (url: string) => ['resolve', '--plain-http', url]],
  ] as const) {
    test(`${what} says the digest that push said`, { skip: skipFor(what, [program]) }, async (t) => {
      const scene = await openScene(t);
      const digest = await push(scene, 'team/app:1');
      const said = await peer(scene.folder, program, args(`${scene.host}/team/app:1`));
      assert.equal(said.trim(), digest);
    });
  }

  const COPY = 'regctl image copy to another repository keeps the digest';
  test(COPY, { skip: skipFor(COPY, ['regctl']) }, async (t) => {
    const scene = await openScene(t);
    const digest = await push(scene, 'team/app:1');
    await regctl(scene, 'image', 'copy', `${scene.host}/team/app:1`, `${scene.host}/team/copy:1`);
    const copied = await pull(scene, `team/copy@${digest}`);
    assert.deepEqual(await filesIn(copied), await filesIn(scene.sample));
  });

  const CHART = 'a folder is not pushed as a chart, which helm would not read';
  test(CHART, { skip: skipFor(CHART, []) }, async (t) => {
    const scene = await openScene(t);
    const type = ['--media-type', 'application/vnd.cncf.helm.chart.content.v1.tar+gzip'];
    const argv = ['push', scene.sample, `oci://${scene.host}/a:1`, '--plain-http', ...type];
    const { code, stderr } = await landfallProcess(argv);
    assert.notEqual(code, 0);
    assert.match(stderr, /MEDIA_TYPE_UNSUPPORTED.*\n.*push --helm/);
  });

  const ORAS = 'oras pull of what push --files pushed';
  test(ORAS, { skip: skipFor(ORAS, ['oras']) }, async (t) => {
    const { folder, host } = await openScene(t);
    await plantChart(join(folder, 'tide'));
    const argv = ['push', '--files', join(folder, 'tide'), `oci://${host}/team/files:1`, '--plain-http'];
    const pushed = await landfallProcess(argv);
    assert.equal(pushed.code, 0, pushed.stderr);
    await peer(folder, 'oras', ['pull', '--plain-http', '-o', 'pulled', `${host}/team/files:1`]);
    assert.deepEqual(await filesIn(join(folder, 'pulled')), await filesIn(join(folder, 'tide')));
  });

  const HELM = 'helm pull and helm template of what push --helm pushed';
  test(HELM, { skip: skipFor(HELM, ['helm']) }, async (t) => {
    const { folder, host } = await openScene(t);
    await plantChart(join(folder, 'tide'));
    const pushed = await landfallProcess([
      'push',
      '--helm',
      join(folder, 'tide'),
      `oci://${host}/charts`,
      '--plain-http',
    ]);
    assert.equal(pushed.code, 0, pushed.stderr);
    const chart = [`oci://${host}/charts/tide`, '--version', '1.2.3+build.7', '--plain-http'];
    await peer(folder, 'helm', ['pull', ...chart, '--untar', '--untardir', 'pulled']);
    assert.deepEqual(await filesIn(join(folder, 'pulled/tide')), await filesIn(join(folder, 'tide')));
    assert.match(await peer(folder, 'helm', ['template', ...chart]), /kind: ConfigMap/);
  });
});
