import assert from 'node:assert/strict';
import { test } from 'node:test';
import { knownSecrets } from '../../../../shared/credentials/known-secrets.ts';
import { readObjects } from '../../../../shared/deploy/kubernetes/build/read-objects.ts';
import {
  formatInventory,
  inventoryOf,
  parseInventory,
} from '../../../../shared/deploy/kubernetes/cluster/inventory.ts';
import { objectChanges, objectHash } from '../../../../shared/deploy/kubernetes/cluster/object-changes.ts';
import { inStages } from '../../../../shared/deploy/kubernetes/cluster/object-order.ts';
import { ownerLabels } from '../../../../shared/deploy/kubernetes/cluster/object-owner.ts';
import type { ClusterObject } from '../../../../shared/deploy/kubernetes/cluster-object.ts';
import type { JsonObject } from '../../../../shared/kernel/json.ts';
import {
  KUBERNETES_MANIFEST_BYTES,
  KUBERNETES_OBJECT_BYTES,
  KUBERNETES_OBJECTS,
} from '../../../../shared/limits.ts';

const object = (kind: string, name: string, more: object = {}): ClusterObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name },
  ...more,
});
const yaml = (...documents: readonly string[]): string => documents.join('\n---\n');
const DOLLAR = '$';
const none = new Map<string, string>();

test('what others need comes first, webhooks last, and a stage is whole', () => {
  const kinds = [
    'ValidatingWebhookConfiguration',
    'Widget',
    'Deployment',
    'Secret',
    'ServiceAccount',
    'IngressClass',
    'ClusterRole',
    'Namespace',
    'CustomResourceDefinition',
  ];
  assert.deepEqual(
    inStages(kinds.map((kind) => object(kind, 'a'))).map((stage) => stage.map(({ kind }) => kind)),
    [
      ['CustomResourceDefinition', 'Namespace', 'ClusterRole'],
      ['IngressClass'],
      ['ServiceAccount', 'Secret', 'Deployment', 'Widget', 'ValidatingWebhookConfiguration'],
    ],
  );
});

test('YAML is read as Kubernetes reads it', async () => {
  const [found] = await readObjects(
    'apiVersion: v1\nkind: X\nmetadata: {name: a}\ndata: {mode: 0644, on: yes, at: 2020-01-01T00:00:00Z, time: 12:30:45, text: "yes"}',
    none,
  );
  assert.deepEqual(found?.['data'], {
    mode: 420,
    true: true,
    at: '2020-01-01T00:00:00Z',
    time: '12:30:45',
    text: 'yes',
  });
});

test('a list is its items, a status is nobody’s to say, and stringData is data', async () => {
  const text = yaml(
    'apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: A, metadata: {name: a}, status: {x: 1}}]',
    'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {a: YQ==}\nstringData: {b: b}',
    '',
  );
  assert.deepEqual(await readObjects(text, none), [
    { apiVersion: 'v1', kind: 'A', metadata: { name: 'a' } },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { a: 'YQ==', b: 'Yg==' } },
  ]);
});

test('variables are put in, but for an object that says not to', async () => {
  const of = (name: string, more = '') =>
    `apiVersion: v1\nkind: A\nmetadata: {name: ${name}${more}}\ndata: {v: "${DOLLAR}{v}"}`;
  const variables = new Map([['v', 'x']]);
  const found = await readObjects(
    yaml(of('a'), of('b', ', annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}')),
    variables,
  );
  assert.deepEqual(
    found.map((each) => each['data']),
    [{ v: 'x' }, { v: `${DOLLAR}{v}` }],
  );
});

const HOSTILE: readonly (readonly [text: string, why: RegExp])[] = [
  ['a: 1', /no apiVersion/],
  ['apiVersion: v1\nkind: A', /no metadata.name/],
  ['apiVersion: v1\nkind: A\nmetadata: {name: ../../x}', /cannot be one of Kubernetes/],
  ['apiVersion: v1\nkind: A\nmetadata: {name: a, namespace: "a b"}', /cannot be one of Kubernetes/],
  ['apiVersion: v1\nkind: A\nmetadata: {name: ..}', /cannot be one of Kubernetes/],
  ['apiVersion: v1\nkind: A\nmetadata: {name: "%2e%2e"}', /cannot be one of Kubernetes/],
  ['apiVersion: ../v1\nkind: A\nmetadata: {name: a}', /apiVersion is none/],
  ['apiVersion: v1\nkind: A\nmetadata: {name: a, labels: {b: 1}}', /metadata.labels holds what is no text/],
  ['apiVersion: v1\nkind: A\nmetadata: {name: a, namespace: 1}', /namespace is no text/],
  ['[1]', /no mapping/],
  [`a: ${'['.repeat(20_000)}`, /cannot be read/],
  ['', /no object of Kubernetes/],
  [
    yaml('apiVersion: v1\nkind: A\nmetadata: {name: a}', 'apiVersion: v1\nkind: A\nmetadata: {name: a}'),
    /A\/a is there twice/,
  ],
];
for (const [text, message] of HOSTILE)
  test(`refuses ${JSON.stringify(text).slice(0, 70)}`, () =>
    assert.rejects(() => readObjects(text, none), { code: 'DEPLOY_FAILED', message }));

/** The API server would tell the value; of base64 that is none it answers as if it were its own fault. */
const UNTOLD: readonly (readonly [more: object, why: RegExp])[] = [
  [{ data: { pin: 918273645 } }, /data.pin is no base64/],
  [{ data: { pin: 'c0rrect horse' } }, /data.pin is no base64/],
  [{ data: { pin: 'c0rre' } }, /data.pin is no base64/],
  [{ data: ['c0rrecthorse'] }, /data is no mapping/],
  [{ data: 'c0rrecthorse' }, /data is no mapping/],
  [{ stringData: 'c0rrecthorse' }, /stringData is no mapping/],
];
for (const [more, message] of UNTOLD)
  test(`a Secret is refused without a word of its values: ${JSON.stringify(more)}`, () => {
    const text = JSON.stringify(object('Secret', 's', more));
    return assert.rejects(
      () => readObjects(text, none),
      (error: Error) => message.test(error.message) && !/c0rre|918273645/.test(error.message),
    );
  });

test('what base64 a Secret may have', async () => {
  const data = { a: 'b2xk', b: 'b2xkMQ==\n', c: '', d: null, e: 'b2xk\nb2xk' };
  const [made] = await readObjects(
    JSON.stringify(object('Secret', 's', { data, stringData: { n: 1 } })),
    none,
  );
  assert.deepEqual(made?.['data'], { ...data, n: 'MQ==' });
});

test('an object that no API server takes is refused before it is read', () =>
  assert.rejects(() => readObjects(`a: ${'x'.repeat(KUBERNETES_OBJECT_BYTES)}`, none), {
    code: 'DEPLOY_FAILED',
    message: /wanted at most 3145728/,
  }));

test('variables make no more of an artifact than a deploy may have', async () => {
  const long = new Map([['v', 'x'.repeat(1024 * 1024)]]);
  // Comments are read faster than values.
  const many = Array.from(
    { length: 20 },
    (_, at) => `${JSON.stringify(object('ConfigMap', `c${at}`))}\n# ${DOLLAR}{v}${DOLLAR}{v}`,
  );
  await assert.rejects(() => readObjects(yaml(...many), long), {
    code: 'DEPLOY_FAILED',
    message: new RegExp(`at most ${KUBERNETES_MANIFEST_BYTES}`),
  });
  assert.equal((await readObjects(yaml(...many.slice(0, 5)), long)).length, 5);
});

for (const [count, isFine] of [
  [KUBERNETES_OBJECTS, true],
  [KUBERNETES_OBJECTS + 1, false],
] as const)
  test(`${count} objects are ${isFine ? 'fine' : 'too many'}`, async () => {
    const items = Array.from({ length: count }, (_, at) => object('A', `a${at}`));
    const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    if (isFine) assert.equal((await readObjects(text, none)).length, count);
    else await assert.rejects(() => readObjects(text, none), { code: 'DEPLOY_FAILED' });
  });

test('a long stream is read in turns: others go on meanwhile, and the end of a visit ends it', async () => {
  const data = Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`k${at}`, 'v']));
  const text = yaml(
    ...Array.from({ length: 60 }, (_, at) => JSON.stringify(object('ConfigMap', `c${at}`, { data }))),
  );
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  assert.equal((await readObjects(text, none)).length, 60);
  clearInterval(timer);
  assert.ok(turns > 1, `${turns} turns`);
  await assert.rejects(readObjects(text, none, { signal: AbortSignal.abort() }), { code: 'CANCELLED' });
});

test('what differs is told by its fields; lists by the names in them', () => {
  const of = (image: string, more: object = {}) =>
    object('Pod', 'a', {
      spec: {
        containers: [
          { name: 'a', image },
          { name: 'b', image: 'b' },
        ],
        ports: [1, 2],
        ...more,
      },
      status: { x: image },
    });
  assert.deepEqual(objectChanges(of('a:1'), of('a:2', { ports: [1, 3], extra: true })), [
    'spec.containers[a].image: "a:1" → "a:2"',
    'spec.ports[1]: 2 → 3',
    'spec.extra: none → true',
  ]);
  assert.deepEqual(objectChanges(of('a'), of('a')), []);
});

test('no value of a Secret is told, also where an annotation has it once more', () => {
  const of = (value: string) =>
    ({
      ...object('Secret', 'a', { data: { p: value } }),
      metadata: {
        name: 'a',
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': `{"p":"${value}"}` },
      },
    }) as ClusterObject;
  assert.deepEqual(objectChanges(of('one'), of('two')), [
    'data.p: *** → ***',
    'what kubectl applied last is forgotten',
  ]);
});

test('a secret that a value is cut within is told no part of', () => {
  const secret = `${'s3cr3t-'.repeat(12)}end`;
  knownSecrets.note(secret);
  const of = (url: string): JsonObject => ({ kind: 'ConfigMap', apiVersion: 'v1', data: { url } });
  assert.deepEqual(objectChanges(of('none'), of(`postgres://app:${secret}@db`)), [
    'data.url: "none" → "postgres://app:***@db"',
  ]);
});

test('a hash goes with what somebody says of an object, whatever the order of its keys', () => {
  const base = { ...object('A', 'a'), metadata: { name: 'a', labels: { x: '1', y: '2' } } };
  const other = {
    ...base,
    status: { a: 1 },
    metadata: { labels: { y: '2', x: '1' }, name: 'a', resourceVersion: '7', managedFields: [] },
  };
  assert.equal(objectHash(base), objectHash(other as ClusterObject));
  assert.notEqual(objectHash(base), objectHash({ ...base, metadata: { name: 'a', labels: { x: '1' } } }));
});

test('an inventory is read as it was written, and nothing else is one', () => {
  const entry = { group: '', kind: 'A', namespace: '', name: 'a', version: 'v1', wanted: '-', found: '-' };
  const inventory = inventoryOf([{ ...entry, group: 'apps', kind: 'Deployment', namespace: 'web' }, entry]);
  assert.deepEqual(parseInventory(formatInventory(inventory)), inventory);
  for (const text of ['nonsense', 'a b c d e f', '- A - - v1 - -', 'a b c d e f g h'])
    assert.equal(parseInventory(text), undefined, text);
});

for (const line of [
  '- ConfigMap a .. v1 - -',
  '- ConfigMap .. a v1 - -',
  '- ConfigMap a b/c v1 - -',
  '../../api Role a b v1 - -',
  'apps Deployment a b v1/../v2 - -',
  'apps Deployment a b v1?x - -',
])
  test(`an inventory that would ask for another path is none: ${line}`, () =>
    assert.equal(parseInventory(`${line}\n`), undefined));

test('labels of long names are cut, and stay apart', () => {
  const labels = (name: string) =>
    ownerLabels({ name, source: { namespace: 'n'.repeat(63), name: 's'.repeat(63) } });
  for (const value of Object.values(labels('d'.repeat(63))))
    assert.match(value, /^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/);
  const other = ownerLabels({ name: 'd', source: { namespace: 'n'.repeat(63), name: 't'.repeat(63) } });
  assert.notEqual(labels('d')['landfall/source'], other['landfall/source']);
});
