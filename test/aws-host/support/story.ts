import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { S3Bucket } from '../../../aws-stand-ins/s3/s3-bucket.ts';
import {
  type EmbeddedRegistry,
  startEmbeddedRegistry,
} from '../../../embedded-registry/embedded-registry.ts';
import { DETAIL_SCHEMAS } from '../../../shared/model/event-schema.ts';
import { digestOf } from '../../../shared/oci/digest.ts';
import { documentKey, statusKey } from '../../../shared/store/layout.ts';
import { receiverPath } from '../../../shared/trigger/receivers/open-receiver.ts';
import type { Files } from '../../support/artifacts/sample-artifacts.ts';
import { documentOf, folderFor, landfall } from '../../support/cli.ts';
import { freePort } from '../../support/servers/free-port.ts';
import { type CloudAssembly, synthesizeApp } from '../../support/template-host/cloud-assembly.ts';
import type { Json } from '../../support/template-host/json.ts';
import { ADMINISTRATOR_ROLE } from '../../support/template-host/stack-access.ts';
import { hostFor } from '../../support/template-host/start-host.ts';
import { ACCOUNT, REGION, type TemplateHost } from '../../support/template-host/template-host.ts';

export const SECRET = 'canary-webhook-secret';
const SECRET_NAME = 'landfall/webhook';
/** SSM's, for the receiver `kept`. */
const PARAMETER_NAME = '/landfall/webhook';
export const APP = { namespace: 'web', name: 'app' };
/** Suspended in the stack's documents: its host is nowhere but behind a proxy. */
export const ECR = { namespace: 'web', name: 'ecr' };
export const ECR_HOST = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`;
/** What is under `shared/` there is pulled as this role, and what is under `kept/` with a password that SSM keeps. */
export const ECR_ROLE = 'arn:aws:iam::210987654321:role/pull';
export const ECR_PARAMETER = '/landfall/registry';
export const OTHER = { namespace: 'web', name: 'other' };

/** A registry on a port known before, as the documents of the stack name it. */
export interface Synthesized {
  readonly assembly: CloudAssembly;
  readonly port: number;
}

const documentText = (host: string): string => `sources:
  - { namespace: web, name: app, url: "oci://${host}/team/app", ref: { tag: latest }, interval: 5m }
  - { namespace: web, name: other, url: "oci://${host}/team/other", ref: { tag: latest }, interval: 5m }
  - { namespace: web, name: ecr, url: "oci://${ECR_HOST}/team/ecr", ref: { tag: latest }, interval: 1h, suspend: true }
credentials:
  - { registry: "${host}", plainHttp: true }
  - { registry: ${ECR_HOST}, plainHttp: true }
  - { registry: ${ECR_HOST}, repository: shared/**, role: "${ECR_ROLE}", plainHttp: true }
  - { registry: ${ECR_HOST}, repository: kept/**, username: AWS, password: { ssm: ${ECR_PARAMETER} }, plainHttp: true }
receivers:
  - { name: hub, type: distribution, registry: "${host}", secret: { secretsManager: ${SECRET_NAME} } }
  - { name: kept, type: distribution, registry: "${host}", secret: { ssm: ${PARAMETER_NAME} } }
`;

/**
 * Synthesizes infra/app.ts, or another app, with documents. It takes seconds, so it is done once for many tests.
 * @param deploys as documents have them
 */
export async function synthesizeStory(folder: string, app?: string, deploys = ''): Promise<Synthesized> {
  const port = await freePort();
  const documents = join(folder, 'documents');
  await mkdir(documents);
  await writeFile(join(documents, 'team.yaml'), `${documentText(`127.0.0.1:${port}`)}${deploys}`);
  const out = join(folder, 'assembly');
  await mkdir(out);
  // Who operates it by the command line: without being named nobody changes anything of the store.
  const settings = { LANDFALL_DOCUMENTS: documents, LANDFALL_OPERATORS: ADMINISTRATOR_ROLE };
  return { assembly: await synthesizeApp(out, settings, app), port };
}

export interface Story {
  /** Pushes these files to a repository of the registry under `latest`, as CI does. */
  push(files: Files, repository?: string): Promise<void>;
  readonly host: TemplateHost;
  readonly registry: EmbeddedRegistry;
  /** Of the store. */
  readonly bucket: S3Bucket;
  /** Where the registry's webhooks go. */
  readonly hook: string;
  /** The receiver's whose secret SSM keeps. */
  readonly keptHook: string;
  /** Changes the text of the stack's document in the bucket, as a person does. */
  edit(change: (text: string) => string): void;
  status(id?: typeof APP): Json | undefined;
  /** Details of our events on the bus, each held to its schema; of one source. */
  details(type: keyof typeof DETAIL_SCHEMAS, id?: typeof APP): readonly Json[];
}

/** A deployed stack and its registry. */
export async function openStory(
  t: TestContext,
  { assembly, port }: Synthesized,
  variables: Readonly<Record<string, string>> = {},
): Promise<Story> {
  const host = await hostFor(t, assembly, variables);
  host.aws.secrets.set(SECRET_NAME, SECRET);
  host.aws.parameters.set(PARAMETER_NAME, SECRET);
  const hookOf = (name: string): string =>
    new URL(receiverPath({ type: 'distribution', name }, SECRET), host.outputs['ReceiveUrl']).href;
  const hook = hookOf('hub');
  const registry = await startEmbeddedRegistry({
    port,
    notifications: [{ url: hook, headers: { Authorization: `Bearer ${SECRET}` } }],
  });
  t.after(() => registry.close());
  await host.deploy();
  const bucket = (host.outputs['Store'] ?? '').replace('s3://', '');
  const folder = await folderFor(t);
  let pushed = 0;
  return {
    ...{ host, registry, hook, keptHook: hookOf('kept'), bucket: host.s3.bucket(bucket) },
    push: async (files, repository = 'team/app') => {
      pushed += 1;
      const path = join(folder, String(pushed));
      for (const [name, text] of Object.entries(files)) {
        await mkdir(dirname(join(path, name)), { recursive: true });
        await writeFile(join(path, name), text);
      }
      const target = `oci://${registry.host}/${repository}:latest`;
      documentOf(await landfall(['push', path, target, '--plain-http', '--json']));
      await registry.notified();
    },
    edit: (change) => {
      const key = documentKey('team.yaml');
      const document = host.s3.bucket(bucket).objects.get(key);
      assert.ok(document);
      const bytes = Buffer.from(change(document.bytes.toString('utf8')));
      host.s3.bucket(bucket).put(key, { ...document, bytes, etag: `"${digestOf(bytes)}"` });
    },
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
