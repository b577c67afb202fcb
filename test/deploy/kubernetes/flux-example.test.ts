import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { valueAt } from '../../../shared/deploy/kubernetes/cluster-object.ts';
import {
  type ApiServer,
  apiServerSkip,
  programOf,
  startApiServer,
} from '../../support/kubernetes/api-server.ts';
import { clusterDeploy, configMap, objectOf } from './cluster/cluster-world.ts';

const run = promisify(execFile);
const EXAMPLE = fileURLToPath(new URL('../../fixtures/flux2-kustomize-helm-example', import.meta.url));

let server: ApiServer;
before(async () => {
  if (apiServerSkip === false) server = await startApiServer();
});
after(async () => server?.stop());
const skip = apiServerSkip;

async function filesOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const found = await readdir(join(EXAMPLE, folder), { recursive: true, withFileTypes: true });
  const paths = found.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
  const read = paths.map(async (path) => [
    path.slice(join(EXAMPLE, folder).length + 1),
    await readFile(path, 'utf8'),
  ]);
  return Object.fromEntries(await Promise.all(read));
}

/** A definition that takes whatever it is given, in place of Flux's and cert-manager's own. */
const definition = (group: string, version: string, kind: string, plural: string, scope = 'Namespaced') =>
  JSON.stringify({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope,
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  });

const DEFINITIONS = {
  'releases.yaml': definition('helm.toolkit.fluxcd.io', 'v2', 'HelmRelease', 'helmreleases'),
  'repositories.yaml': definition('source.toolkit.fluxcd.io', 'v1', 'HelmRepository', 'helmrepositories'),
};

test("an overlay of Flux's own example comes to the same objects as by kubectl apply -k, and goes by a push", {
  skip,
  timeout: 120_000,
}, async () => {
  await clusterDeploy(server, { name: 'definitions', settings: { wait: true } }).run(DEFINITIONS);
  const deploy = (path: string) => clusterDeploy(server, { name: 'apps', settings: { kustomization: path } });
  const files = await filesOf('apps');
  assert.equal((await deploy('production').run(files)).end.state, 'succeeded');

  const built = await run(programOf('LANDFALL_KUBECTL', 'kubectl'), [
    'kustomize',
    join(EXAMPLE, 'apps/production'),
  ]);
  const theirs = JSON.parse(
    await server.kubectl(...['get', 'helmrelease', 'podinfo', '-n', 'podinfo', '-o', 'json']),
  );
  assert.deepEqual(valueAt(theirs, 'spec', 'values', 'httpRoute', 'hostnames'), ['podinfo.production']);
  assert.match(built.stdout, /podinfo\.production/);
  const specOf = () =>
    server.kubectl(
      ...[
        'get',
        'helmrelease,helmrepository',
        '-n',
        'podinfo',
        '-o',
        'jsonpath={range .items[*]}{.kind} {.spec}{end}',
      ],
    );
  const ours = await specOf();
  await server.kubectl('apply', '--server-side', '--force-conflicts', '-k', join(EXAMPLE, 'apps/production'));
  assert.equal(await specOf(), ours);

  const staging = await deploy('staging').run(files);
  assert.equal(staging.end.state, 'succeeded');
  assert.match(await specOf(), /podinfo\.staging/);
  const { changes } = await deploy('staging').plan({ 'staging/a.yaml': configMap('only', {}) });
  assert.deepEqual(
    changes.filter(({ action }) => action === 'delete').map(({ what }) => what),
    ['HelmRepository/podinfo/podinfo', 'HelmRelease/podinfo/podinfo', 'Namespace/podinfo'],
  );
  assert.ok(await objectOf(server, 'namespace', 'podinfo'));
});
