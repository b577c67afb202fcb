import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { createAccessResolver } from '../../shared/credentials/access-resolver.ts';
import { parseDocuments } from '../../shared/source/document.ts';
import { formatImported, importDocuments } from '../../shared/source/flux/import-documents.ts';
import { folderFor } from '../support/cli.ts';
import { CHART, helmRelease, helmRepository, ociRepository } from './flux/flux-documents.ts';

/** A Secret, and what its keys hold: what kubectl would write into the files. */
const secret = (name: string, values: Readonly<Record<string, string>>) => ({
  values: new Map(Object.entries(values).map(([key, value]) => [`secrets/web/${name}/${key}`, value])),
  text: JSON.stringify({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'web' },
    stringData: values,
  }),
});
const DOCKER = JSON.stringify({
  auths: {
    'ghcr.io': { username: 'other', password: 'wrong' },
    'ghcr.io/stefanprodan': { auth: Buffer.from('bot:pass word').toString('base64') },
  },
});
const pem = (type: string, body: string): string =>
  `-----BEGIN ${type}-----\n${body}\n-----END ${type}-----\n`;
const OCI_CHARTS = helmRepository(
  '{ type: oci, url: "oci://ghcr.io/charts", interval: 5m, secretRef: { name: login } }',
);

const LOGINS = [
  [
    'a docker login',
    [ociRepository('secretRef: { name: ghcr }')],
    secret('ghcr', { '.dockerconfigjson': DOCKER }),
  ],
  [
    'a user and password',
    [OCI_CHARTS, helmRelease(CHART)],
    secret('login', { username: 'me', password: 'p:a ss\n' }),
  ],
  [
    'certificates',
    [ociRepository('certSecretRef: { name: tls }')],
    secret('tls', {
      'ca.crt': pem('CERTIFICATE', 'MAA='),
      'tls.crt': pem('CERTIFICATE', 'MAE='),
      'tls.key': pem('PRIVATE KEY', 'MAI='),
    }),
  ],
] as const;

for (const [what, texts, { text, values }] of LOGINS) {
  test(`${what} that is kept where the printed document points to is the one that the Secret holds`, async (t) => {
    const folder = await folderFor(t);
    const files = [{ file: join(folder, 'flux.yaml'), text: [...texts, text].join('\n---\n') }];
    const before = parseDocuments(files);
    const imported = importDocuments(files);
    for (const { file } of imported.secrets) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), values.get(file) ?? assert.fail(file));
    }
    const after = parseDocuments([{ file: join(folder, 'landfall.yaml'), text: formatImported(imported) }]);
    const [source] = before.sources;
    assert.ok(source !== undefined);
    const accessOf = (credentials: typeof before.credentials) =>
      createAccessResolver({ credentials, env: { HOME: folder } }).access(source.repository);
    const wanted = await accessOf(before.credentials);
    assert.ok(wanted.credential.kind !== 'anonymous' || Object.keys(wanted.transport).length > 0);
    const got = await accessOf(after.credentials);
    assert.deepEqual([got.credential, got.transport], [wanted.credential, wanted.transport]);
  });
}
