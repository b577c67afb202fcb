import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import {
  type EmbeddedRegistry,
  startEmbeddedRegistry,
} from '../../shared/embedded-registry/embedded-registry.ts';
import { DETAIL_SCHEMAS } from '../../shared/event/schema.ts';
import { statusKey } from '../../shared/store/layout.ts';
import { receiverPath } from '../../shared/trigger/receivers/open-receiver.ts';
import { freePort } from '../support/serving.ts';
import { type CloudAssembly, synthesizeApp } from '../support/template-host/cloud-assembly.ts';
import type { Json } from '../support/template-host/json.ts';
import { hostFor, type TemplateHost } from '../support/template-host/template-host.ts';

export const SECRET = 'canary-webhook-secret';
const SECRET_NAME = 'landfall/webhook';
export const APP = { namespace: 'web', name: 'app' };
export const OTHER = { namespace: 'web', name: 'other' };

/** A registry on a port known before, as the documents of the stack name it. */
export interface Synthesized {
  readonly assembly: CloudAssembly;
  readonly port: number;
}

const documentOf = (host: string): string => `sources:
  - { namespace: web, name: app, url: "oci://${host}/team/app", ref: { tag: latest }, interval: 5m }
  - { namespace: web, name: other, url: "oci://${host}/team/other", ref: { tag: latest }, interval: 5m }
credentials:
  - { registry: "${host}", plainHttp: true }
receivers:
  - { name: hub, type: distribution, registry: "${host}", secret: { secretsManager: ${SECRET_NAME} } }
`;

/** Synthesizes infra/app.ts with documents. It takes seconds, so it is done once for many tests. */
export async function synthesizeStory(folder: string): Promise<Synthesized> {
  const port = await freePort();
  const documents = join(folder, 'documents');
  await mkdir(documents);
  await writeFile(join(documents, 'team.yaml'), documentOf(`127.0.0.1:${port}`));
  const out = join(folder, 'assembly');
  await mkdir(out);
  return { assembly: await synthesizeApp(out, { LANDFALL_DOCUMENTS: documents }), port };
}

export interface Story {
  readonly host: TemplateHost;
  readonly registry: EmbeddedRegistry;
  /** Where the registry's webhooks go. */
  readonly hook: string;
  status(id?: typeof APP): Json | undefined;
  /** Details of our events on the bus, each held to its schema; of one source. */
  details(type: keyof typeof DETAIL_SCHEMAS, id?: typeof APP): readonly Json[];
}

/** A deployed stack and its registry. */
export async function openStory(t: TestContext, { assembly, port }: Synthesized): Promise<Story> {
  const host = await hostFor(t, assembly);
  host.aws.secrets.set(SECRET_NAME, SECRET);
  const path = receiverPath({ type: 'distribution', name: 'hub' }, SECRET);
  const hook = new URL(path, host.outputs['ReceiveUrl']).href;
  const registry = await startEmbeddedRegistry({
    port,
    notifications: [{ url: hook, headers: { Authorization: `Bearer ${SECRET}` } }],
  });
  t.after(() => registry.close());
  await host.deploy();
  const bucket = (host.outputs['Store'] ?? '').replace('s3://', '');
  return {
    ...{ host, registry, hook },
    status: (id = APP) => {
      const stored = host.s3.bucket(bucket).objects.get(statusKey(id));
      return stored && (JSON.parse(stored.bytes.toString('utf8')) as Json);
    },
    details: (type, id = APP) =>
      host.events
        .filter(({ event }) => event['source'] === 'landfall' && event['detail-type'] === type)
        .map(({ event }) => {
          const detail = event['detail'] as Json;
          assert.doesNotThrow(() => DETAIL_SCHEMAS[type].parse(detail));
          return detail;
        })
        .filter(({ namespace, name }) => namespace === id.namespace && name === id.name),
  };
}
