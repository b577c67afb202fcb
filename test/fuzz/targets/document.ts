import assert from 'node:assert/strict';
import { holdsDocuments, parseDocuments, readFragments } from '../../../shared/source/document.ts';
import { decodeDocument } from '../../../shared/source/file/decode-document.ts';
import { readDocuments, type YamlFile } from '../../../shared/source/file/yaml-document.ts';
import { yamlText } from '../../../shared/source/file/yaml-text.ts';
import { type FuzzTarget, taken } from '../engine/fuzz-target.ts';
import { bomb } from './kubernetes-secret.ts';

const LARGE_BYTES = 16_384;

/** What reading a document, ours or Flux's, never does: throw anything but its list of problems, or read another way when it is printed. */
export function judgeDocument(input: Buffer): boolean {
  const file = decodeDocument('landfall.yaml', input);
  if (input.length <= LARGE_BYTES) judgeAgain(file);
  return taken(() => parseDocuments([file]), 'CONFIG_INVALID', 'NOT_SUPPORTED') !== undefined;
}

/** As it is printed, and as one that only lies in a folder. A large one is read once, as it is by whoever names it. */
function judgeAgain(file: YamlFile): void {
  for (const { value } of readDocuments(file).documents) {
    const [again] = readDocuments({ file: 'again.yaml', text: `${yamlText(value)}\n` }).documents;
    assert.deepEqual(again?.value, value);
  }
  const found = { ...file, found: true };
  assert.equal(typeof holdsDocuments(found), 'boolean');
  for (const { problems } of readFragments([found]))
    for (const { line, column } of problems) assert.ok(line >= 1 && column >= 1);
}

const OURS = `sources:
  - name: podinfo
    namespace: web
    url: oci://ghcr.io/stefanprodan/manifests/podinfo
    ref: { semver: ">=6.0.0 <7.0.0", filter: "^6", order: semver }
    interval: 5m
    labels: { tier: prod }
    unpack: { mode: files }
    ignore: |
      *.md
    retain: { revisions: 10 }
    verify: { provider: cosign, keys: [{ file: cosign.pub }] }
credentials:
  - registry: ghcr.io
    username: us
    password: { env: GHCR }
receivers:
  - { name: hub, type: docker-hub, registry: docker.io, repositories: ["team/*"], secret: { env: HUB } }
deploys:
  - { name: live, kind: directory, source: web/podinfo, target: ./live, dependsOn: [db] }
notify:
  - { name: us, type: slack, url: { env: SLACK }, sources: ["web/*"] }
`;

/** Landfall's own documents. */
export const target: FuzzTarget = {
  name: 'document',
  seeds: [
    OURS,
    JSON.stringify({ sources: [{ name: 'a', url: 'oci://127.0.0.1:5000/a' }] }),
    'sources: []\n---\ndeploys: []\n',
  ],
  words: [
    ...[
      'sources:',
      'deploys:',
      '- name: ',
      'url: oci://',
      'ref: {',
      'semver: ',
      'interval: 1s',
      '!!js/function ',
      '<<: *a',
      '&a ',
      '*a',
    ],
    ...[
      '---\n',
      '? ',
      ': ',
      '|\n',
      '>-\n',
      '"\\x00"',
      '\t',
      '__proto__: 1',
      'null',
      '.inf',
      '0o17',
      '~',
      '%YAML 1.1\n',
      '{',
      '[',
    ],
  ],
  judge: judgeDocument,
  hostile: [
    ['aliases of aliases', () => Buffer.from(`${bomb()}\nsources: []\n`)],
    ['brackets', () => Buffer.from(`sources: ${'['.repeat(100_000)}`)],
    ['maps in maps', () => Buffer.from(`sources: ${'{a: '.repeat(20_000)}`)],
    ['5,000 sources', () => Buffer.from(`sources:\n${'- {name: a, url: "oci://h.io/a"}\n'.repeat(5_000)}`)],
    ['20,000 documents', () => Buffer.from('sources: []\n---\n'.repeat(15_000))],
    ['documents with an unknown key', () => Buffer.from('ources: []\n---\n'.repeat(8_000))],
    ['long keys', () => Buffer.from(`${'a'.repeat(200_000)}: 1\n`)],
  ],
};
