import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { digestOf } from '../../shared/oci/digest.ts';
import { openRegistry } from '../embedded-registry/test-registry.ts';
import { GOLDEN, plantGolden, readGolden } from '../support/artifacts/golden-artifact.ts';
import { documentOf, folderFor, landfall } from '../support/cli.ts';
import { filesIn, plantSample } from '../support/programs/peers.ts';

/** What of the sample each pushed, where it was not all. */
const TITLED = ['index.html', 'a/x'];
const ONLY: Readonly<Record<string, readonly string[]>> = {
  'oras-files': TITLED,
  'regctl-artifact-put': TITLED,
};

/** As `helm pull --untar` has it: `helm package` writes the Chart.yaml anew, and puts the chart's folder around it. */
const CHART: ReadonlyMap<string, string> = new Map([
  ['tide/Chart.yaml', '- annotations:\n  a: b\napiVersion: v2\nname: tide\nversion: 1.2.3+build.7\n'],
  ['tide/templates/config.yaml', '- kind: ConfigMap\n'],
  ['tide/values.yaml', '- replicas: 1\n'],
]);

const NAMES = readdirSync(GOLDEN)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.slice(0, -'.json'.length));

describe('what others pushed lands byte for byte, on a machine that has none of them', () => {
  for (const name of NAMES) {
    const golden = readGolden(name);
    test(`${name}: ${golden.tool}`, async (t) => {
      const registry = await openRegistry(t);
      const tagged = golden.manifests.at(-1);
      assert.ok(tagged !== undefined);
      assert.equal(digestOf(Buffer.from(tagged.bytes, 'base64')), tagged.digest);
      plantGolden(registry, golden, { repository: 'team/app', tag: '1' });
      const folder = await folderFor(t);
      const [out, sample] = [join(folder, 'out'), join(folder, 'sample')];
      const argv = ['pull', `oci://${registry.host}/team/app:1`, '-o', out, '--plain-http', '--json'];
      documentOf(await landfall(argv));
      const whole = name === 'helm-push' ? CHART : await filesIn(await plantSample(sample));
      const only = ONLY[name];
      const wanted = [...whole].filter(([path]) => only?.includes(path) ?? true);
      assert.deepEqual([...(await filesIn(out))], wanted);
    });
  }
});
