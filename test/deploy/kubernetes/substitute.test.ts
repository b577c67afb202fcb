// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of manifests are written so
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { substituted } from '../../../shared/deploy/kubernetes/build/substitute.ts';
import { KUBERNETES_VARIABLE_DEPTH } from '../../../shared/limits.ts';

const VARIABLES = new Map([
  ['v', 'a/b/c'],
  ['empty', ''],
  ['name', 'podInfo'],
  ['file', 'site.tar.gz'],
  ['x', '${v}'],
]);

/** As Flux's own envsubst answers (fluxcd/pkg, envsubst/eval_test.go has most of these). */
const KNOWN: readonly (readonly [text: string, wanted: string])[] = [
  ['${v}', 'a/b/c'],
  ['x ${v} y ${name}', 'x a/b/c y podInfo'],
  ['$v $(v) $ $1', '$v $(v) $ $1'],
  ['$${v}', '${v}'],
  ['a$$b', 'a$b'],
  ['${x}', '${v}'],
  ['${none:-d}', 'd'],
  ['${none:=d}', 'd'],
  ['${none=d}', 'd'],
  ['${empty:=d}', 'd'],
  ['${empty=d}', 'd'],
  ['${v:=d}', 'a/b/c'],
  ['${none:=${name}}', 'podInfo'],
  ['${none:=a ${name} z}', 'a podInfo z'],
  ['${none:=}', ''],
  ['${none:=$1}', '$1'],
  ['${none:+d}', 'd'],
  ['${#name}', '7'],
  ['${name^}', 'PodInfo'],
  ['${name^^}', 'PODINFO'],
  ['${name,,}', 'podinfo'],
  ['${name,}', 'podInfo'],
  ['${name:3}', 'Info'],
  ['${name:0:3}', 'pod'],
  ['${name:1:2}', 'od'],
  ['${name:-3}', 'podInfo'],
  ['${name:1:-1}', 'odInf'],
  ['${name:99}', ''],
  ['${file#*.}', 'tar.gz'],
  ['${file##*.}', 'gz'],
  ['${file%.*}', 'site.tar'],
  ['${file%%.*}', 'site'],
  ['${file#[a-z]*.}', 'tar.gz'],
  ['${file#?ite}', '.tar.gz'],
  ['${file#\\*}', 'site.tar.gz'],
  ['${v/\\//-}', 'a-b/c'],
  ['${v//\\//-}', 'a-b-c'],
  ['${name/#pod/x}', 'xInfo'],
  ['${name/%Info/x}', 'podx'],
  ['${name/Info/}', 'pod'],
];
for (const [text, wanted] of KNOWN)
  test(`${text} is ${JSON.stringify(wanted)}`, () =>
    assert.equal(substituted(text, VARIABLES, 'it'), wanted));

const REFUSED = [
  '${none}',
  '${none^^}',
  '${#none}',
  '${v-d}',
  '${a.b}',
  '${v[@]}',
  '${{ v }}',
  '${}',
  '${!v}',
  '${v',
  '${none:=${v}',
  '${v/a',
];
for (const text of REFUSED)
  test(`${text} fails the deploy, and says of what`, () =>
    assert.throws(() => substituted(`k: ${text}`, VARIABLES, 'ConfigMap/a'), {
      code: 'DEPLOY_FAILED',
      message: /^ConfigMap\/a: /,
    }));

test('a text of many dollars takes no longer than it is', () => {
  assert.equal(substituted('$'.repeat(200_000), VARIABLES, 'it').length, 100_000);
  assert.throws(() => substituted('${none:='.repeat(2_000), VARIABLES, 'it'), { code: 'DEPLOY_FAILED' });
});

/** Each would be gigabytes of a few bytes. */
const GROWING: readonly (readonly [how: string, text: string])[] = [
  ['by replacing what was replaced', `${'${v//a/'.repeat(12)}a${'}'.repeat(12)}`],
  ['by replacing by itself', `\${v//a/\${v//a/\${v//a/\${v}}}}`],
  ['by naming it again and again', '${v}'.repeat(1_000)],
  ['by naming it again and again in a default', `\${none:=${'${v}'.repeat(1_000)}}`],
];
for (const [how, text] of GROWING)
  test(`a variable that grows ${how} fails the deploy`, () => {
    const long = new Map([['v', 'a'.repeat(50_000)]]);
    assert.throws(() => substituted(text, long, 'it'), {
      code: 'DEPLOY_FAILED',
      message: /^it: .*more than/,
    });
  });

test('a pattern of many stars takes no longer than it is', () => {
  const long = new Map([['v', 'a'.repeat(2_000)]]);
  assert.equal(substituted(`\${v##${'*a'.repeat(200)}b}`, long, 'it').length, 2_000);
});

for (const [depth, isFine] of [
  [KUBERNETES_VARIABLE_DEPTH, true],
  [KUBERNETES_VARIABLE_DEPTH + 1, false],
] as const)
  test(`${depth} variables within each other are ${isFine ? 'fine' : 'too many'}`, () => {
    const text = '${none:='.repeat(depth) + '}'.repeat(depth);
    if (isFine) assert.equal(substituted(text, VARIABLES, 'it'), '');
    else assert.throws(() => substituted(text, VARIABLES, 'it'), { code: 'DEPLOY_FAILED' });
  });
