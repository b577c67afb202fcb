import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { receiverPath } from '../../shared/trigger/receivers/open-receiver.ts';
import { documentOf, folderFor, landfall, landfallProcess } from '../support/cli.ts';
import { skipWithoutDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { plantFiles } from '../support/sample-artifacts.ts';
import { REGION } from '../support/template-host/template-host.ts';
import { until } from '../support/until.ts';
import { assertSound } from './sound.ts';
import { openStory, SECRET, type Synthesized } from './story.ts';

const SITE = { namespace: 'web', name: 'site' };
const SKIP = skipWithoutDockerRegistry('the synthesized stack with docker-registry');

/** The story with a registry that is not ours, and a document that is applied rather than deployed. */
export function withDockerRegistry(stack: () => Synthesized): void {
  test('apply, push, webhook, event: with docker-registry', { skip: SKIP }, async (t) => {
    const story = await openStory(t, stack());
    const { host } = story;
    plantFiles(story.registry, 'latest', { 'index.html': 'one' });
    await host.settle();
    const receiver = { type: 'distribution', name: 'docker' } as const;
    const docker = await startDockerRegistry({
      notifications: [
        {
          url: new URL(receiverPath(receiver, SECRET), host.outputs['ReceiveUrl']).href,
          headers: { Authorization: `Bearer ${SECRET}` },
        },
      ],
    });
    t.after(() => docker.close());
    const folder = await folderFor(t);
    const push = async (text: string): Promise<void> => {
      const from = join(folder, 'index.html');
      await writeFile(from, text);
      documentOf(
        await landfall(['push', from, `oci://${docker.host}/site:latest`, '--plain-http', '--json']),
      );
    };
    await push('one');
    await writeFile(
      join(folder, 'docker.yaml'),
      `sources:
  - { namespace: web, name: site, url: "oci://${docker.host}/site", ref: { tag: latest }, interval: 1h }
credentials:
  - { registry: "${docker.host}", plainHttp: true }
receivers:
  - { name: docker, type: distribution, registry: "${docker.host}", secret: { secretsManager: landfall/webhook } }
`,
    );
    const applied = await landfallProcess(
      ['apply', '-f', join(folder, 'docker.yaml'), '--store', host.outputs['Store'] ?? ''],
      {
        env: {
          AWS_ENDPOINT_URL_S3: host.s3.url,
          AWS_REGION: REGION,
          AWS_ACCESS_KEY_ID: 'AKIAADMINISTRATOR',
          AWS_SECRET_ACCESS_KEY: 'secret',
        },
      },
    );
    assert.equal(applied.code, 0, applied.stderr);
    await host.settle();
    assert.equal(story.details('Artifact Revision Changed', SITE).length, 1);
    // What the function knew of receivers is asked about again after its time; a new process asks at once.
    await host.lambda('FunctionsReceive').kill();
    await push('two');
    await until('the webhook', () => host.queue('Triggers').bodies[0]);
    await host.settle();
    const [, second, ...more] = story.details('Artifact Revision Changed', SITE);
    assert.deepEqual([second?.['generation'], second?.['trigger'], more.length], [2, 'webhook', 0]);
    assertSound(story);
  });
}
