import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../../embedded-registry/embedded-registry.ts';
import { type Heard, type ScriptedProvider, scriptedProvider } from '../notify/scripted-provider.ts';
import { plantFiles } from '../support/artifacts/sample-artifacts.ts';
import { atEnd } from '../support/at-end.ts';
import { folderFor } from '../support/cli.ts';
import { type ServeProcess, startServe } from '../support/programs/serving.ts';
import { freePort } from '../support/servers/free-port.ts';

/** Each unlike anything else, so that it is found wherever it is written. */
const secret = (kind: string): string => `canary-${kind}-${randomBytes(12).toString('hex')}`;

export const KINDS = [
  ...[
    'PASSWORD',
    'TOKEN',
    'HOOK',
    'HARBOR',
    'SLACK',
    'MAIL',
    'TELL',
    'HMAC',
    'OTLP',
    'CONSOLE',
    'SIGNED',
    'KUBE',
    'SCRIPT_TOKEN',
  ],
] as const;
type Kind = (typeof KINDS)[number];
export type Secrets = Readonly<Record<string, string>>;

export interface ExposureScene {
  readonly secrets: Secrets;
  readonly registry: EmbeddedRegistry;
  /** Slack, a receiver of events, storage and a collector of traces, each with what it was sent. */
  readonly others: ScriptedProvider;
  readonly folder: string;
  readonly store: string;
  readonly documents: string;
  readonly serve: ServeProcess;
  readonly metrics: string;
  readonly console: string;
}

/** A refusal that repeats what it was sent, as proxies do, and S3 does of a signature. */
const repeats = (url: string, { path, headers, body }: Heard): string =>
  `${headers.authorization ?? ''} ${path} ${url}${path} ${JSON.stringify(headers)} ${body}`;

function documentText(host: string, others: string, folder: string): string {
  const source = (name: string, tag: string, repository = 'team/app'): string =>
    `  - { namespace: web, name: ${name}, url: "oci://${host}/${repository}", interval: 1h, ref: { tag: ${tag} } }\n`;
  const env = (name: string): string => `{ env: CANARY_${name} }`;
  return `sources:
${source('app', 'stable')}${source('absent', 'never')}${source('signed', 'stable', 'team/signed')}${source('refused', 'stable', 'team/refused')}credentials:
  - { registry: "${host}", plainHttp: true, username: us, password: ${env('PASSWORD')} }
receivers:
  - { name: hub, type: distribution, registry: "${host}", secret: ${env('HOOK')} }
  - { name: harbor, type: harbor, registry: "${host}", secret: ${env('HARBOR')} }
deploys:
  - { name: live, kind: directory, source: web/app, target: ${join(folder, 'live')} }
  - { name: script, kind: command, source: web/app, command: [sh, -c, 'echo "$CANARY_SCRIPT_TOKEN $CANARY_PASSWORD" >&2; exit 3'] }
  - { name: tell, kind: http, source: web/app, url: "${others}/denied?sig=1", headers: { Authorization: ${env('TELL')} } }
  - { name: cluster, kind: kubernetes, source: web/app, kubeconfig: { file: ${join(folder, 'kubeconfig')} } }
notify:
  - { name: chat, type: slack, url: ${env('SLACK')}, quiet: 0s }
  - { name: mail, type: email, host: 127.0.0.1, port: 1, tls: "off", username: us, password: ${env('MAIL')}, from: a@example.com, to: [b@example.com] }
  - { name: own, type: webhook, url: "${others}/denied", quiet: 0s, headers: { Authorization: ${env('TELL')} }, hmac: ${env('HMAC')} }
`;
}

const kubeconfig = (token: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
    users: [{ name: 'u', user: { token } }],
  });

/** One machine with everything that has a secret, where each of them is used, and many fail. */
export async function exposureScene(t: TestContext): Promise<ExposureScene> {
  const kinds = Object.fromEntries(KINDS.map((kind): [Kind, string] => [kind, secret(kind)]));
  const folder = await folderFor(t);
  const others = await scriptedProvider(t, (heard) => {
    const { path } = heard;
    if (path.startsWith('/v1/traces') || path.startsWith('/chat/')) return { status: 200, body: '{}' };
    return { status: 403, body: repeats(others.url, heard) };
  });
  const secrets: Secrets = { ...kinds, SLACK: `${others.url}/chat/${kinds['SLACK']}` };
  const registry = await startEmbeddedRegistry({
    auth: { kind: 'bearer', users: { us: secrets['PASSWORD'] ?? '' } },
  });
  atEnd(t, () => registry.close());
  plantFiles(registry, 'stable', { 'app.yaml': 'kind: ConfigMap\napiVersion: v1\nmetadata: { name: a }\n' });
  plantFiles(registry, 'stable', { 'app.yaml': 'a: 1\n' }, { repository: 'team/signed' });
  registry.faults.add(
    { path: /team\/signed\/blobs/, authorized: true },
    { kind: 'redirect', status: 307, location: `${others.url}/denied?X-Amz-Signature=${secrets['SIGNED']}` },
  );
  // A token that the registry then does not know.
  registry.faults.add(
    { path: /^\/token.*team\/refused/ },
    { kind: 'body', body: JSON.stringify({ token: secrets['TOKEN'], expires_in: 300 }) },
  );
  const [documents, store] = [join(folder, 'landfall.yaml'), join(folder, 'store')];
  writeFileSync(documents, documentText(registry.host, others.url, folder));
  writeFileSync(join(folder, 'kubeconfig'), kubeconfig(secrets['KUBE'] ?? ''), { mode: 0o600 });
  const [metrics, console] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const serve = await startServe(t, {
    documents: [documents],
    store,
    argv: ['--listen', '127.0.0.1:0', '--metrics', metrics, '--console', console],
    env: {
      ...Object.fromEntries(Object.entries(secrets).map(([kind, value]) => [`CANARY_${kind}`, value])),
      OTEL_EXPORTER_OTLP_ENDPOINT: others.url,
      OTEL_EXPORTER_OTLP_HEADERS: `x-key=${secrets['OTLP']}`,
      LANDFALL_CONSOLE_TOKEN: secrets['CONSOLE'] ?? '',
    },
  });
  return {
    secrets,
    registry,
    others,
    folder,
    store,
    documents,
    serve,
    metrics: `http://${metrics}`,
    console: `http://${console}`,
  };
}

/** Every file below a folder, its name and its text. */
export function filesBelow(folder: string): readonly (readonly [name: string, text: string])[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path, readFileSync(path, 'latin1')] as const;
    });
}
