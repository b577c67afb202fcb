import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { readValues } from '../../../shared/deploy/helm/chart/read-values.ts';
import { parseValuePath, typedValue, withValue } from '../../../shared/deploy/helm/chart/set-value.ts';
import { formatValues, inexactNumber, mergedValues } from '../../../shared/deploy/helm/chart/values.ts';
import { helmSettings } from '../../../shared/deploy/helm/helm-settings.ts';
import type { Cluster } from '../../../shared/deploy/kubernetes/cluster/cluster.ts';
import { isObject, type JsonObject } from '../../../shared/kernel/json.ts';
import { helmProgram, helmToolSkip } from '../../support/kubernetes/helm-tool.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const run = promisify(execFile);

/** What a chart without defaults is told by helm, as JSON of its own. */
async function seenByHelm(
  t: { after: (end: () => Promise<void>) => void },
  args: readonly string[],
  file?: string,
) {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const files = {
    'c/Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0\n',
    'c/templates/a.yaml': 'seen: {{ omit .Values "global" | toJson | b64enc }}\n',
    'values.json': file ?? '{}',
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder.path, path)), { recursive: true });
    await writeFile(join(folder.path, path), text);
  }
  const all = ['template', 'c', './c', '--values', 'values.json', ...args];
  const { stdout } = await run(helmProgram, all, { cwd: folder.path, env: { HOME: folder.path } });
  const [, seen = ''] = /^seen: (\S+)$/m.exec(stdout) ?? [];
  return JSON.parse(Buffer.from(seen, 'base64').toString()) as JsonObject;
}

const SETS: readonly (readonly [path: string, value: string])[] = [
  ['a', 'text'],
  ['a.b.c', '3'],
  ['a', '-3'],
  ['a', '007'],
  ['a', '0'],
  ['a', '1.5'],
  ['a', '1e6'],
  ['a', 'true'],
  ['a', 'True'],
  ['a', 'NULL'],
  ['a', ''],
  ['hosts[0].host', 'example.com'],
  ['hosts[2]', 'third'],
  ['annotations.example\\.com/name', 'x y'],
  ['a', 'one\\,two'],
  ['a', 'x=y'],
];
for (const [path, value] of SETS)
  test(`targetPath ${path} with ${JSON.stringify(value)} is what helm --set makes of it`, {
    skip: helmToolSkip,
  }, async (t) => {
    const typed = typedValue(value) ?? assert.fail('it is several');
    const ours = withValue({}, parseValuePath(path) ?? assert.fail('no path'), typed.value);
    assert.deepEqual(ours, await seenByHelm(t, ['--set', `${path}=${value}`]));
  });

for (const text of [
  '',
  '.',
  'a.',
  '.a',
  'a..b',
  'a[x]',
  'a[',
  'a]',
  '[0]',
  'a,b',
  'a=b',
  'a[99999]',
  'a[0]b',
])
  test(`${JSON.stringify(text)} is no targetPath`, () => assert.equal(parseValuePath(text), undefined));

for (const text of ['{a,b}', 'a,b', 'a,b=c'])
  test(`${text} is several values`, () => assert.equal(typedValue(text), undefined));

const HOSTILE: JsonObject = {
  on: 'yes',
  '"quoted"': '{{ .Release }} $x `\\',
  lines: 'a\nb\r\nc\u2028d\u0085e\ufefff\u007f',
  wide: 'π → 😀',
  number: 1e21,
  list: [null, [], {}, -0.5],
  time: '2001-01-01',
  octal: '0644',
  __proto__: { x: 1 },
};
test('values are read by helm to what they are, whatever is in them', { skip: helmToolSkip }, async (t) => {
  assert.deepEqual(await seenByHelm(t, [], formatValues(HOSTILE)), HOSTILE);
});

test('later values win, mapping by mapping', () => {
  const below = { a: { x: 1, y: [1, 2] }, b: 1, c: { z: 1 } };
  assert.deepEqual(mergedValues(below, { a: { y: [3] }, b: { q: 1 }, c: null, d: 2 }), {
    a: { x: 1, y: [3] },
    b: { q: 1 },
    c: null,
    d: 2,
  });
});

test('a number that would not stay what was written is found', () => {
  assert.equal(inexactNumber({ a: [1, { b: 2 ** 53 - 1 }], c: 1.5 }), undefined);
  assert.equal(inexactNumber({ a: [1, { b: 2 ** 53 }] }), 'a.1.b');
});

/** ConfigMaps and Secrets by their paths. */
const clusterOf = (objects: Readonly<Record<string, JsonObject>>): Cluster => ({
  send: async ({ path }) => {
    const found = objects[path.replace('/api/v1/namespaces/', '')];
    return found === undefined
      ? { status: 404, body: {}, warnings: [] }
      : { status: 200, body: { metadata: { uid: 'uid' }, data: found }, warnings: [] };
  },
});
const base64 = (text: string): string => Buffer.from(text).toString('base64');

const read = async (settings: object) =>
  readValues({
    settings: helmSettings.parse({ targetNamespace: 'web', ...settings }),
    artifact: {
      files: ['prod.yaml', 'bad.yaml'].map((path) => ({ path, size: 1, sha256: '', mode: 0o644 })),
      read: async (path) => Buffer.from(path === 'bad.yaml' ? '[1]' : 'a: { file: 1, both: file }'),
    },
    usedArtifact: async (source) => ({
      files: [{ path: 'shared.yaml', size: 1, sha256: '', mode: 0o644 }],
      read: async (path) => Buffer.from(`a: { both: "${source} ${path}", other: 1 }`),
    }),
    cluster: clusterOf({
      'web/configmaps/c': {
        'values.yaml': 'a: { map: 1, both: map }',
        one: '5',
        big: 'size: 12345678901234567890',
      },
      'web/secrets/s': { 'values.yaml': base64('a: { secret: verysecret }') },
    }),
  });

test('values come from files, ConfigMaps and Secrets in their order, then the deploy, then what has a path', async () => {
  const valuesFrom = [
    { file: 'prod.yaml' },
    { kind: 'ConfigMap', name: 'c' },
    { kind: 'ConfigMap', name: 'c', valuesKey: 'one', targetPath: 'a.both' },
    { kind: 'Secret', name: 's' },
    { kind: 'Secret', name: 'absent', optional: true },
    { file: 'absent.yaml', optional: true },
  ];
  assert.deepEqual(await read({ valuesFrom, values: { a: { both: 'own' } } }), {
    values: { a: { file: 1, map: 1, secret: 'verysecret', both: 5 } },
    salts: ['uid'],
  });
});

test('values come from a file of another source, in their order, too', async () => {
  const shared = { file: 'shared.yaml', source: 'settings' };
  assert.deepEqual((await read({ valuesFrom: [{ file: 'prod.yaml' }, shared] })).values, {
    a: { file: 1, both: 'default/settings shared.yaml', other: 1 },
  });
  const absent = { file: 'absent.yaml', source: 'web/settings', optional: true };
  assert.deepEqual((await read({ valuesFrom: [absent, { file: 'prod.yaml' }] })).values, {
    a: { file: 1, both: 'file' },
  });
});

for (const [what, source, message] of [
  ['a file that is no mapping', { file: 'bad.yaml' }, /bad.yaml of the artifact is no mapping/],
  [
    'an object that is not there',
    { kind: 'Secret', name: 'absent' },
    /Secret\/web\/absent is not in the cluster/,
  ],
  [
    'a key that is not there',
    { kind: 'ConfigMap', name: 'c', valuesKey: 'x', optional: true },
    /has no key x/,
  ],
  ['a number that cannot be kept', { kind: 'ConfigMap', name: 'c', valuesKey: 'big' }, /of size is a number/],
  [
    'no path',
    { kind: 'ConfigMap', name: 'c', valuesKey: 'one', targetPath: 'a..b' },
    /targetPath "a\.\.b" is none/,
  ],
] as const)
  test(`values from ${what} are refused`, () =>
    assert.rejects(read({ valuesFrom: [source] }), { code: 'DEPLOY_FAILED', message }));

test('settings take no other field of a source of values', () => {
  const parsed = helmSettings.safeParse({ valuesFrom: [{ kind: 'ConfigMap', name: 'c', key: 'x' }] });
  assert.equal(parsed.success, false);
  assert.ok(isObject(helmSettings.parse({}).values));
});
