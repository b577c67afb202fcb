import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LandfallError } from '../../shared/errors.ts';
import { SOURCE_DOCUMENT_BYTES } from '../../shared/limits.ts';
import { parseDocuments } from '../../shared/source/document.ts';
import type { YamlFile } from '../../shared/source/file/yaml-document.ts';

const CANARY = 'hunter2-canary';

function refusal(...files: readonly YamlFile[]): LandfallError {
  try {
    parseDocuments(files);
  } catch (error) {
    assert.ok(error instanceof LandfallError, String(error));
    return error;
  }
  return assert.fail('the document was accepted');
}
const refuse = (text: string): LandfallError => refusal({ file: 'web.yaml', text });

/** A document of one source that lacks nothing but what is under test, which stands on line 4. */
const source = (rest: string): string => `sources:\n  - name: a\n    url: oci://r.example/a\n    ${rest}\n`;
const credential = (rest: string): string => `credentials:\n  - registry: r.example\n    ${rest}\n`;
const deploy = (rest: string): string => `deploys:\n  - { name: d, source: "*", ${rest} }\n`;
const DIGEST = `sha256:${'a'.repeat(64)}`;

const cases: readonly (readonly [what: string, text: string, message: string | RegExp])[] = [
  [
    'a misspelt key',
    source('intervall: 5m'),
    'web.yaml:4:5: sources[0]: unknown key "intervall"; did you mean "interval"?',
  ],
  [
    'a key in another case',
    source('Interval: 5m'),
    'web.yaml:4:5: sources[0]: unknown key "Interval"; did you mean "interval"?',
  ],
  ['swapped letters', source('itnerval: 5m'), /did you mean "interval"\?$/],
  [
    'an unknown key far from all',
    source('retain: { everything: 1 }'),
    'web.yaml:4:15: sources[0].retain: unknown key "everything"; known here: revisions',
  ],
  ['an unknown top-level key', 'source: []', 'web.yaml:1:1: unknown key "source"; did you mean "sources"?'],
  ['a key given twice', source('suspend: true\n    suspend: true'), 'web.yaml:5:5: Map keys must be unique'],
  ['a list where a map belongs', '[]', 'web.yaml:1:1: wanted a map, got a list'],
  [
    'a missing url',
    'sources:\n  - name: a',
    'web.yaml:2:5: sources[0]: wanted url, or include: what the source is made of',
  ],
  [
    'an unquoted number',
    source('ref: { tag: 6.1 }'),
    'web.yaml:4:17: sources[0].ref.tag: wanted a string, got 6.1; put it in quotes',
  ],
  [
    'an interval without a unit, which quotes alone would not mend',
    'sources:\n  - name: a\n    url: oci://r.example/a\n    interval: 5\n',
    'web.yaml:4:15: sources[0].interval: wanted a duration such as 5m or 30s, got 5, which has no unit',
  ],
  [
    'a bad duration',
    source('interval: 5 minutes'),
    /interval: wanted a duration such as 5m.*, got "5 minutes"$/,
  ],
  ['an interval below 1s', source('interval: 999ms'), /wanted a duration from 1s to 720h, got "999ms"$/],
  ['an interval above 30 days', source('interval: 720h1ms'), /wanted a duration from 1s to 720h/],
  ['a timeout above 15m', source('timeout: 15m1ms'), /wanted a duration from 1s to 15m/],
  ['a name with capitals', 'sources: [{ name: Web, url: oci://r.example/a }]', /name: wanted 1 to 63 of a-z/],
  ['a name of 64', `sources: [{ name: ${'a'.repeat(64)}, url: oci://r.example/a }]`, /wanted 1 to 63 of a-z/],
  ['a path as namespace', source('namespace: ../b'), /namespace: wanted 1 to 63 of a-z/],
  ['a url without scheme', 'sources: [{ name: a, url: r.example/a }]', /does not start with oci:\/\//],
  ['a url with a tag', 'sources: [{ name: a, url: oci://r.example/a:v1 }]', /must not carry a tag/],
  [
    'a bad range',
    source('ref: { semver: ">=banana" }'),
    /web\.yaml:4:20: sources\[0\]\.ref\.semver: .*banana/,
  ],
  ['a lookahead', source('ref: { filter: "(?=a)", order: semver }'), /ref\.filter: .*RE2/],
  ['a bad digest', source('ref: { digest: sha256:abc }'), /ref\.digest: digest "sha256:abc" is not/],
  ['a bad tag', source('ref: { tag: "a b" }'), /ref\.tag: wanted a tag/],
  ['tag with semver', source('ref: { tag: v1, semver: "1.x" }'), /tag names one revision, so semver/],
  [
    'digest with filter',
    source(`ref: { digest: "${DIGEST}", filter: a }`),
    /digest names one revision, so filter/,
  ],
  ['extract without filter', source('ref: { order: semver, extract: $1 }'), /filter, which is missing/],
  ['an extract of no group', source('ref: { filter: "a", order: semver, extract: $ts }'), /names group "ts"/],
  ['numerical with semver', source('ref: { semver: "*", order: numerical }'), /contradicts order: numerical/],
  ['filter without order', source('ref: { filter: a }'), /say which is wanted with semver or order/],
  ['an unknown mode', source('unpack: { mode: file }'), /got "file"; did you mean "files"\?$/],
  [
    'unknown layers',
    source('layers: some'),
    /wanted auto, all, \{ mediaType: … \} or \{ first: true \}, got "some"$/,
  ],
  ['a platform without architecture', source('platform: linux'), /is not os\/architecture/],
  ['no revisions', source('retain: { revisions: 0 }'), /wanted at least 1$/],
  ['1,001 revisions', source('retain: { revisions: 1001 }'), /wanted at most 1000$/],
  ['an unknown limit', source('limits: { file: 1 }'), /unknown key "file"; did you mean "files"\?$/],
  ['a limit of 0', source('limits: { files: 0 }'), /limits\.files: wanted at least 1$/],
  ['a limit above its maximum', source('limits: { pathBytes: 1025 }'), /wanted at most 1024$/],
  ['a fraction as limit', source('limits: { files: 1.5 }'), /wanted a whole number/],
  ['a label name with a space', source('labels: { "a b": c }'), /wanted a label name/],
  [
    '33 labels',
    source(`labels: { ${Array.from({ length: 33 }, (_, at) => `l${at}: x`).join(', ')} }`),
    /wanted at most 32 labels, got 33$/,
  ],
  [
    'an ignore file of 64 KiB and a byte',
    source(`ignore: "${'x'.repeat(65_537)}"`),
    /wanted at most 65536 bytes/,
  ],
  ['a prototype key', source('labels: { __proto__: x }'), 'web.yaml:4:15: key "__proto__" is not allowed'],
  [
    'a tag that is a number',
    source('ref: { tag: 1.0 }'),
    'web.yaml:4:17: sources[0].ref.tag: wanted a string, got 1.0; put it in quotes',
  ],
  [
    'a scheme in a registry',
    'credentials: [{ registry: "https://r.example" }]',
    /wanted a host and its port/,
  ],
  ['a path in a registry', 'credentials: [{ registry: r.example/a }]', /wanted a host and its port/],
  ['a bad glob', credential('repository: "org/[a"'), /has a \[ without its \]/],
  ['a username alone', credential('username: bot'), /username needs password$/],
  ['a password alone', credential('password: { env: P }'), /password needs username$/],
  [
    'two ways to log in',
    credential('registryToken: { env: A }\n    identityToken: { env: B }'),
    /identityToken and registryToken are alternatives; keep one$/,
  ],
  ['a certificate without key', credential('certFile: a.pem'), /certFile needs keyFile$/],
  [
    'plain HTTP that is not local',
    credential('plainHttp: true\n    local: false'),
    /contradicts local: false$/,
  ],
  [
    'an env that is no name',
    credential('registryToken: { env: "A-B" }'),
    /wanted the name of an environment variable, got a string$/,
  ],
  [
    'a path that leaves',
    deploy('kind: directory, target: x, path: ../a'),
    /wanted a folder inside the artifact/,
  ],
  ['a file URL', deploy('kind: http, url: "file:///etc"'), /wanted an http:\/\/ or https:\/\/ URL$/],
  [
    'a deploy of no source',
    `sources: [{ name: web, url: oci://r.example/a }]\ndeploys: [{ name: d, source: wbe, kind: directory, target: x }]`,
    'web.yaml:2:11: deploys[0]: source "default/wbe" is not in these documents; did you mean "default/web"?',
  ],
  [
    'an unknown receiver type',
    'receivers: [{ name: r, type: harbour, registry: r.example, secret: { env: A } }]',
    /wanted acr or .* or oidc, got "harbour"; did you mean "harbor"\?$/,
  ],
  [
    'an alias of no repository',
    'receivers: [{ name: r, type: harbor, registry: r.example, secret: { env: A }, aliases: { Up/: x } }]',
    /aliases\S*: wanted the first components of a repository in lower case/,
  ],
  [
    'an alias to no repository',
    'receivers: [{ name: r, type: harbor, registry: r.example, secret: { env: A }, aliases: { up: "x:1" } }]',
    /aliases\.up: wanted the first components of a repository in lower case/,
  ],
  [
    'an option of another type of receiver',
    'receivers: [{ name: r, type: harbor, registry: r.example, secret: { env: A }, audience: x }]',
    /receivers\[0\]: audience belongs to type gar or oidc, and this is type harbor$/,
  ],
  ['an unclosed map', 'sources: {', /^web\.yaml:1:11: Flow map .* end with a }$/],
  ['a tab as indent', 'sources:\n\t- a', /^web\.yaml:2:1: /],
  ['a custom tag', 'sources: !js/function "x"', 'web.yaml:1:10: Unresolved tag'],
  ['an unknown directive', '%FOO\n---\nsources: []', 'web.yaml:1:1: Unknown directive %FOO'],
  [
    'a map as key',
    '? [a]\n: 1',
    'web.yaml:1:3: a key is a map or a list: put it in quotes; what stands in {{ }} is to be filled in first',
  ],
  [
    'a template',
    source('labels: { a: {{ .Values.tier }} }'),
    /^web\.yaml:4:19: .*what stands in \{\{ \}\} is to be filled in first/,
  ],
  [
    'an alias without anchor',
    source('labels: *nothing'),
    'web.yaml:4:13: an alias has no anchor (&…) before it; a text that begins with * goes in quotes',
  ],
  [
    'an alias bomb',
    [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefgh'
        .split('')
        .map((key, at) => `${key}: &${key} [${Array(9).fill(`*${'abcdefg'[at]}`).join(',')}]`),
    ].join('\n'),
    /Excessive alias count/,
  ],
  ['nesting of 20,000', '['.repeat(20_000), /^web\.yaml:1:\d+: /],
];

for (const [what, text, message] of cases) {
  test(`refuses ${what}, naming where`, () => {
    const error = refuse(text);
    assert.equal(error.code, 'CONFIG_INVALID');
    if (typeof message === 'string') assert.equal(error.message, message);
    else assert.match(error.message, message);
    assert.match(error.message, /^web\.yaml:\d+:\d+: /);
  });
}

test('reports the problems of all files at once', () => {
  const error = refusal(
    { file: 'a.yaml', text: source('intervall: 5m\n    timeout: 1d\n    verify: {}') },
    { file: 'b.yaml', text: 'sources: [' },
    { file: 'c.yaml', text: 'source: []' },
  );
  assert.equal(error.code, 'CONFIG_INVALID');
  assert.deepEqual(
    error.message.split('\n    ').map((line) => line.split(': ', 1)[0]),
    ['a.yaml:4:5', 'a.yaml:5:14', 'a.yaml:6:13', 'b.yaml:1:11', 'c.yaml:1:1'],
  );
  assert.equal(error.detail['problems'], 5);
});

test('lists 20 problems and counts the rest', () => {
  const bad = (count: number): LandfallError =>
    refuse(`sources:\n${'  - { name: A, url: oci://r.example/a }\n'.repeat(count)}`);
  assert.equal(bad(20).message.split('\n').length, 20);
  const error = bad(21);
  assert.equal(error.message.split('\n    ').at(-1), '… and 1 more');
  assert.equal(error.detail['problems'], 21);
});

const duplicates: readonly (readonly [what: string, text: string])[] = [
  ['source default/a', 'sources: [{ name: a, url: oci://r.example/a }]'],
  ['receiver a', 'receivers: [{ name: a, type: generic, registry: r.example, secret: { env: A } }]'],
  ['deploy a', 'deploys: [{ name: a, kind: command, source: "*", command: [x] }]'],
];
for (const [what, text] of duplicates) {
  test(`names both places of ${what} defined twice`, () => {
    const error = refusal({ file: 'a.yaml', text }, { file: 'b.yaml', text: `\n${text}` });
    assert.match(
      error.message,
      new RegExp(`^b\\.yaml:2:\\d+: .*${what} is already defined at a\\.yaml:1:\\d+$`),
    );
  });
}

test('lets one name live in two namespaces', () => {
  const both =
    'sources: [{ name: a, url: oci://r.example/a }, { name: a, namespace: b, url: oci://r.example/a }]';
  assert.equal(parseDocuments([{ file: 'a.yaml', text: both }]).sources.length, 2);
});

test('reads a file of exactly the size allowed, and refuses one byte more', () => {
  const padded = (bytes: number): string => `sources: []\n#${'x'.repeat(bytes - 13)}`;
  assert.equal(Buffer.byteLength(padded(SOURCE_DOCUMENT_BYTES)), SOURCE_DOCUMENT_BYTES);
  assert.deepEqual(parseDocuments([{ file: 'a.yaml', text: padded(SOURCE_DOCUMENT_BYTES) }]).sources, []);
  assert.match(refuse(padded(SOURCE_DOCUMENT_BYTES + 1)).message, /wanted at most 262144 bytes, got 262145/);
});

const leaks: readonly string[] = [
  credential(`password: ${CANARY}`),
  credential(`password: [${CANARY}]`),
  credential(`registryToken: { vale: ${CANARY} }`),
  credential(`username: bot\n    pasword: ${CANARY}`),
  credential(`registryToken: { value: *${CANARY} }`),
  credential(`registryToken: { value: @${CANARY} }`),
  credential(`registryToken: { value: "${CANARY}\\q" }`),
  credential(`registryToken: { value: !${CANARY} x }`),
  `credentials: "r.example=bot:${CANARY}"`,
  `credentials: [{ registry: "bot:${CANARY}@r.example" }]`,
  `sources: [{ name: a, url: "oci://bot:${CANARY}@r.example/a" }]`,
  deploy(`kind: http, url: "https://bot:${CANARY}@example.com"`),
  deploy(`kind: http, url: "ftp://example.com/?token=${CANARY}"`),
  deploy(`kind: http, url: "https://example.com", headers: { Authorization: [${CANARY}] }`),
  `receivers: [{ name: r, type: generic, registry: r.example, secret: ${CANARY} }]`,
];
for (const text of leaks) {
  test(`keeps the secret of ${JSON.stringify(text.replaceAll(CANARY, '…').slice(0, 70))} to itself`, () => {
    const error = refuse(text);
    const { message, hint, detail, cause } = error;
    assert.ok(!JSON.stringify([message, hint, detail, String(cause)]).includes(CANARY), message);
  });
}
