import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { skopeoCopy } from '../support/programs/oci-tools.ts';
import { filesIn, peer, plantChart } from '../support/programs/peers.ts';
import { openScene, pull, regctl, type Scene, skipFor } from './peer-scene.ts';

/** A plain tar of the sample, as the system's tar makes it. */
async function tarOf({ folder, sample }: Scene): Promise<string> {
  const tar = join(folder, 'sample.tar');
  await peer(folder, 'tar', ['cf', tar, '-C', sample, '--owner=0', '--group=0', '.']);
  return tar;
}

interface Pusher {
  readonly what: string;
  readonly programs: readonly string[];
  /** Pushes the sample as `name`. */
  push(scene: Scene, name: string): Promise<unknown>;
  /** What of the sample it pushes. Default: all. */
  readonly only?: readonly string[];
  readonly options?: readonly string[];
}

const PUSHERS: readonly Pusher[] = [
  {
    what: 'crane append',
    programs: ['crane', 'tar'],
    push: async (scene, name) => {
      const layer = await tarOf(scene);
      return peer(scene.folder, 'crane', [
        'append',
        '--insecure',
        '-f',
        layer,
        '-t',
        `${scene.host}/${name}`,
      ]);
    },
  },
  {
    what: 'crane append --oci-empty-base, crane index append',
    programs: ['crane', 'tar'],
    push: async (scene, name) => {
      const layer = await tarOf(scene);
      const image = `${scene.host}/child:1`;
      await peer(scene.folder, 'crane', [
        'append',
        '--insecure',
        '--oci-empty-base',
        '-f',
        layer,
        '-t',
        image,
      ]);
      const index = ['index', 'append', '--insecure', '-m', image, '-t', `${scene.host}/${name}`];
      return peer(scene.folder, 'crane', index);
    },
  },
  {
    what: 'oras push of files, each titled',
    programs: ['oras'],
    push: async (scene, name) => {
      const args = [
        'push',
        '--plain-http',
        `${scene.host}/${name}`,
        'index.html:text/html',
        'a/x:text/plain',
      ];
      return peer(scene.folder, 'oras', args, { cwd: scene.sample });
    },
    only: ['index.html', 'a/x'],
  },
  {
    what: 'oras push of a folder',
    programs: ['oras'],
    push: async (scene, name) =>
      peer(scene.folder, 'oras', ['push', '--plain-http', `${scene.host}/${name}`, '.'], {
        cwd: scene.sample,
      }),
  },
  {
    what: 'regctl artifact put, titled',
    programs: ['regctl'],
    push: async (scene, name) => {
      const type = ['--artifact-type', 'application/vnd.example.site'];
      const files = ['index.html', 'a/x'].flatMap((path) => ['-f', path, '-m', 'application/octet-stream']);
      return regctl(scene, 'artifact', 'put', ...type, '--file-title', ...files, `${scene.host}/${name}`);
    },
    only: ['index.html', 'a/x'],
  },
  {
    what: 'umoci insert, skopeo copy',
    programs: ['umoci', 'skopeo'],
    push: async (scene, name) => {
      const layout = join(scene.folder, 'layout');
      await peer(scene.folder, 'umoci', ['init', '--layout', layout]);
      await peer(scene.folder, 'umoci', ['new', '--image', `${layout}:1`]);
      await peer(scene.folder, 'umoci', [
        'insert',
        '--rootless',
        '--image',
        `${layout}:1`,
        scene.sample,
        '/',
      ]);
      return skopeoCopy(`oci:${layout}:1`, `docker://${scene.host}/${name}`);
    },
  },
];

describe('what others push, Landfall lands', () => {
  for (const [at, { what, programs, push: pushAs, only, options = [] }] of PUSHERS.entries()) {
    test(what, { skip: skipFor(what, programs) }, async (t) => {
      const scene = await openScene(t);
      const name = `team/app${at}:1`;
      await pushAs(scene, name);
      const whole = await filesIn(scene.sample);
      const wanted = only === undefined ? whole : new Map([...whole].filter(([path]) => only.includes(path)));
      assert.deepEqual(await filesIn(await pull(scene, name, ...options)), wanted);
    });
  }

  const CHART = 'helm push of a chart';
  test(CHART, { skip: skipFor(CHART, ['helm']) }, async (t) => {
    const scene = await openScene(t);
    const { folder, host } = scene;
    await plantChart(join(folder, 'tide'));
    await peer(folder, 'helm', ['package', 'tide']);
    await peer(folder, 'helm', ['push', 'tide-1.2.3+build.7.tgz', `oci://${host}/charts`, '--plain-http']);
    const own = [
      'pull',
      `oci://${host}/charts/tide`,
      '--version',
      '1.2.3+build.7',
      '--plain-http',
      '--untar',
    ];
    await peer(folder, 'helm', [...own, '--untardir', 'helm']);
    const landed = await pull(scene, 'charts/tide:1.2.3_build.7');
    // Both have the chart's folder around it, or neither.
    const wanted = await filesIn(join(folder, 'helm'));
    const got = await filesIn(landed);
    assert.deepEqual(got, got.has('Chart.yaml') ? await filesIn(join(folder, 'helm/tide')) : wanted);
  });
});
