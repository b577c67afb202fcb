import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REF_EXCLUSIONS } from '../../shared/limits.ts';
import { parse } from './flux/flux-documents.ts';

const source = (ref: string): string => `sources: [{ name: a, url: oci://r.example/a, ref: { ${ref} } }]`;

test('a ref says what an ImagePolicy can say: what is left out, the other end, and what _ stands for', () => {
  const { sources } = parse(source('order: numerical, exclude: ["-rc", "^v0"], reverse: true, helm: false'));
  assert.deepEqual(sources[0]?.ref, {
    order: 'numerical',
    exclude: ['-rc', '^v0'],
    reverse: true,
    helm: false,
  });
});

const REFUSED: readonly (readonly [ref: string, why: RegExp])[] = [
  ['exclude: [a]', /exclude is of what semver or order chooses from; neither is given/],
  ['reverse: true', /reverse is of what semver or order chooses from/],
  ['downgrade: refuse', /downgrade is of what semver or order chooses from; neither is given/],
  ['order: semver, downgrade: never', /downgrade/],
  ['tag: v1, helm: false', /tag names one revision, so helm would choose nothing/],
  [`digest: "sha256:${'a'.repeat(64)}", exclude: [a]`, /digest names one revision, so exclude/],
  ['order: semver, exclude: ["("]', /exclude\[0\]/],
  ['order: semver, exclude: []', /exclude/],
  [`order: semver, exclude: [${'a,'.repeat(REF_EXCLUSIONS + 1)}]`, /exclude/],
  ['order: semver, reverse: false', /reverse/],
  ['order: semver, helm: true', /helm/],
];
for (const [ref, why] of REFUSED)
  test(`refuses ${ref.slice(0, 50)}`, () =>
    assert.throws(() => parse(source(ref)), { code: 'CONFIG_INVALID', message: why }));

test('takes as many expressions to leave out as an ImageRepository may have', () => {
  const { sources } = parse(source(`order: semver, exclude: [${'a,'.repeat(REF_EXCLUSIONS)}]`));
  assert.equal(sources[0]?.ref.exclude?.length, REF_EXCLUSIONS);
});
