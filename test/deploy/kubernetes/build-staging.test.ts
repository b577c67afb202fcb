import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildObjects } from '../../../shared/deploy/kubernetes/build/build-objects.ts';
import { kubernetesSettings } from '../../../shared/deploy/kubernetes/kubernetes-settings.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { configMap } from './cluster/cluster-world.ts';

/** Stands for kubectl: builds only where what was checked is no older than what the artifact has beside it; a clock of files may tick each 4 ms. */
const SCRIPT = `#!/bin/sh
[ ! "$4/kustomization.yaml" -ot "$4/KUSTOMIZATION.yaml" ] || { echo "error: the other is newer" >&2; exit 1; }
echo '${configMap('built', {})}'
`;

test('what was checked is written last: where case is no difference, it is in the place of a twin', async () => {
  const folder = await temporaryFolder();
  try {
    const program = `${folder.path}/kubectl`;
    await writeFile(program, SCRIPT, { mode: 0o755 });
    const content: Readonly<Record<string, string>> = {
      'a.yaml': configMap('built', {}),
      'KUSTOMIZATION.yaml': 'resources: [/etc/kubernetes/admin.conf]',
    };
    const files = Object.entries(content).map(([path, text]) => ({
      ...{ path, size: text.length, sha256: '', mode: 0o644 },
    }));
    const read = async (path: string): Promise<Buffer> => {
      await sleep(50);
      return Buffer.from(content[path] ?? '');
    };
    const objects = await buildObjects({
      artifact: { files, read },
      settings: kubernetesSettings.parse({}),
      variables: new Map(),
      kubectl: { program, version: 'v1.35.0', kustomize: 'v5.7.1' },
      signal: AbortSignal.timeout(20_000),
    });
    assert.deepEqual(
      objects.map(({ metadata }) => metadata.name),
      ['built'],
    );
  } finally {
    await folder.remove();
  }
});
