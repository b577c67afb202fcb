import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type EmbeddedRegistry,
  startEmbeddedRegistry,
} from '../../../embedded-registry/embedded-registry.ts';
import { receiverPath } from '../../../shared/trigger/receivers/open-receiver.ts';
import { type Files, plantFiles } from '../../../test/support/artifacts/sample-artifacts.ts';
import { documentOf, landfall } from '../../../test/support/cli.ts';
import { freePort } from '../../../test/support/servers/free-port.ts';
import { synthesizeApp } from '../../../test/support/template-host/cloud-assembly.ts';
import { hostFor } from '../../../test/support/template-host/start-host.ts';
import type { TemplateHost } from '../../../test/support/template-host/template-host.ts';

const SECRET = 'webhook-secret';
const RECEIVER = { type: 'distribution', name: 'hub' } as const;
/** What stands for S3 and the other services of AWS, and what for a registry elsewhere, take to answer. */
export const SERVICE_MS = 10;
export const REGISTRY_MS = 100;
export const SOURCES = 100;
export const FILES = 100;

/** A stack with a site, whose sources have all landed. */
export interface StackMonth {
  readonly host: TemplateHost;
  /** Pushes a revision of other files than before, and waits for the webhook; what it queues is left there. */
  push(): Promise<void>;
}

const documentText = (host: string): string =>
  JSON.stringify({
    sources: [
      { namespace: 'web', name: 'app', url: `oci://${host}/team/app` },
      ...Array.from({ length: SOURCES - 1 }, (_, at) => ({
        namespace: 'team',
        name: `app-${at}`,
        url: `oci://${host}/team/app-${at}`,
      })),
    ].map((source) => ({ ...source, ref: { tag: 'latest' }, interval: '1m' })),
    credentials: [{ registry: host, plainHttp: true }],
    receivers: [{ ...RECEIVER, registry: host, secret: { secretsManager: 'hub' } }],
  });

/** 2 kB each, of a page's folder. */
const filesOf = (revision: number): Files =>
  Object.fromEntries(
    Array.from({ length: FILES }, (_, at) => [
      `public/page-${at}.html`,
      `<p>${revision} ${at}</p>\n`.repeat(150).slice(0, 2_000),
    ]),
  );

async function pushFiles({ host, notified }: EmbeddedRegistry, files: Files, folder: string): Promise<void> {
  await mkdir(join(folder, 'public'), { recursive: true });
  await Promise.all(Object.entries(files).map(([path, text]) => writeFile(join(folder, path), text)));
  documentOf(await landfall(['push', folder, `oci://${host}/team/app:latest`, '--plain-http', '--json']));
  await notified();
}

/** Synthesizes examples/aws/site-app.ts with a hundred sources, runs it in the host of the tests, and lands them all. */
export async function openStackMonth(stack: AsyncDisposableStack, scratch: string): Promise<StackMonth> {
  const port = await freePort();
  const [documents, assembly] = [join(scratch, 'documents'), join(scratch, 'assembly')];
  for (const folder of [documents, assembly]) await mkdir(folder);
  await writeFile(join(documents, 'sources.yaml'), documentText(`127.0.0.1:${port}`));
  const lifetime = { after: (undo: () => unknown) => stack.defer(async () => void (await undo())) };
  const settings = { LANDFALL_DOCUMENTS: documents };
  const synthesized = await synthesizeApp(assembly, settings, 'examples/aws/site-app.ts');
  const host = await hostFor(lifetime, synthesized, {}, SERVICE_MS);
  host.aws.secrets.set('hub', SECRET);
  const url = new URL(receiverPath(RECEIVER, SECRET), host.outputs['ReceiveUrl']).href;
  const registry = await startEmbeddedRegistry({
    port,
    notifications: [{ url, headers: { Authorization: `Bearer ${SECRET}` } }],
  });
  stack.defer(() => registry.close());
  plantFiles(registry, 'latest', filesOf(0));
  for (let at = 0; at < SOURCES - 1; at += 1) {
    plantFiles(registry, 'latest', { 'index.html': String(at) }, { repository: `team/app-${at}` });
  }
  registry.faults.add({ path: /^\/v2\// }, { kind: 'delay', milliseconds: REGISTRY_MS });
  await host.deploy();
  await host.settle();
  let revision = 0;
  return {
    host,
    push: async () => {
      revision += 1;
      await pushFiles(registry, filesOf(revision), await mkdtemp(join(scratch, 'push-')));
    },
  };
}
