import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isLandfallError } from '../../../shared/errors.ts';
import { meansDeploy } from '../../../shared/source/deploys/deploy-members.ts';
import { parseDocuments } from '../../../shared/source/document.ts';

const SOURCES = 'sources: [{ name: app, url: "oci://r.example/app" }]';
const parse = (...deploys: readonly string[]) =>
  parseDocuments([{ file: '/docs/a.yaml', text: `${SOURCES}\ndeploys:\n${deploys.join('\n')}` }]).deploys;

const entry = (clusters: string, more = ''): string =>
  `  - { name: app, kind: kubernetes, source: app, kubeconfig: { file: ./k }, substitute: { a: "1", b: "2" }, ${more} clusters: [${clusters}] }`;

const orderOf = (clusters: string, more = ''): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    parse(entry(clusters, more)).map(({ name, dependsOn = [] }) => [
      name.replace('app.', ''),
      dependsOn.map((each) => each.replace('app.', '')),
    ]),
  );

describe('a deploy into several clusters', () => {
  test('is one for each, which has what is said of its cluster and else what is said of all', () => {
    const [a, b, c] = parse(
      entry(
        '{ name: a }, { name: b, eks: prod, region: eu-central-1, approval: required, substitute: { b: "3" } }, { name: c, context: c, windows: [{ allow: "0 9 * * *" }] }',
        'timeout: 5m, prune: true,',
      ),
    );
    const common = { source: 'default/app', timeoutMs: 300_000, prune: true };
    assert.partialDeepStrictEqual(a, { ...common, name: 'app.a' });
    assert.partialDeepStrictEqual(a?.settings, {
      kubeconfig: { file: '/docs/k' },
      substitute: { a: '1', b: '2' },
    });
    assert.partialDeepStrictEqual(b, {
      ...common,
      name: 'app.b',
      region: 'eu-central-1',
      approval: 'required',
    });
    assert.partialDeepStrictEqual(b?.settings, { eks: 'prod', substitute: { a: '1', b: '3' } });
    // Of what is reached in another way nothing is left.
    assert.equal(b?.settings['kubeconfig'], undefined);
    assert.deepEqual([c?.settings['context'], c?.settings['kubeconfig']], ['c', undefined]);
    assert.equal(c?.windows?.length, 1);
    for (const each of [a, b, c]) assert.ok(each && !('clusters' in each) && !('wave' in each));
  });

  for (const [what, clusters, order] of [
    ['one after the other', '{ name: a }, { name: b }, { name: c }', { a: [], b: ['a'], c: ['b'] }],
    [
      'by waves, each behind all of the one before',
      '{ name: a, wave: 1 }, { name: b, wave: 5 }, { name: c, wave: 5 }, { name: d }',
      { a: [], b: ['a'], c: ['a'], d: ['b', 'c'] },
    ],
    ['all at once in one wave', '{ name: a, wave: 0 }, { name: b, wave: 0 }', { a: [], b: [] }],
  ] as const)
    test(`goes ${what}`, () => assert.deepEqual(orderOf(clusters), order));

  test('is waited for as a whole, in each cluster, by whoever names it', () => {
    const other =
      '  - { name: smoke, kind: command, source: app, command: ["true"], dependsOn: [app, app.b] }';
    assert.throws(() => parse(entry('{ name: a }, { name: b }'), other));
    const [, , smoke] = parse(
      entry('{ name: a }, { name: b }'),
      '  - { name: smoke, kind: command, source: app, command: ["true"], dependsOn: [app] }',
    );
    assert.deepEqual(smoke?.dependsOn, ['app.a', 'app.b']);
    assert.deepEqual(orderOf('{ name: a }, { name: b }', 'dependsOn: [data],'), {
      a: ['data'],
      b: ['data', 'a'],
    });
  });

  const refused: readonly (readonly [what: string, clusters: string, message: RegExp])[] = [
    ['no cluster', '', /clusters: .*1/],
    ['two of one name', '{ name: a }, { name: a }', /deploy app\.a is already defined/],
    ['a name with a dot', '{ name: a.b }', /wanted 1 to 63 of a-z, 0-9 and "-"/],
    ['a key that is none', '{ name: a, kubconfig: { file: k } }', /unknown key "kubconfig".*"kubeconfig"/],
    ['what is for all', '{ name: a, prune: true }', /prune/],
    ['a wave that is none', '{ name: a, wave: soon }', /wave/],
  ];
  for (const [what, clusters, message] of refused)
    test(`is refused with ${what}`, () =>
      assert.throws(
        () => parse(entry(clusters)),
        (error) => isLandfallError(error) && message.test(error.message),
      ));

  test('of another kind is refused by name', () =>
    assert.throws(
      () => parse('  - { name: d, kind: command, source: app, command: [a], clusters: [{ name: a }] }'),
      /clusters belongs to kind/,
    ));

  test('takes a hundred clusters, and not one more', () => {
    const clusters = (count: number): string =>
      Array.from({ length: count }, (_, at) => `{ name: c${at}, wave: 0 }`).join(', ');
    assert.equal(parse(entry(clusters(100))).length, 100);
    assert.throws(() => parse(entry(clusters(101))), /clusters/);
  });
});

test('a name means a deploy, and each of its clusters, and no other whose name begins the same', () => {
  for (const [name, deploy, is] of [
    ['app', 'app', true],
    ['app', 'app.a', true],
    ['app.a', 'app.a', true],
    ['app', 'apple', false],
    ['app', 'app-a', false],
    ['app.a', 'app.ab', false],
    ['app.a', 'app', false],
  ] as const)
    assert.equal(meansDeploy(name, deploy), is, `${name} ${deploy}`);
});
