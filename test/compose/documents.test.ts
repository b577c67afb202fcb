import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatSourceId } from '../../shared/model/ids.ts';
import { parseDocuments } from '../../shared/source/document.ts';
import type { Source } from '../../shared/source/source.ts';
import { composed, documents, followed } from './composed-entries.ts';

const read = (text: string): readonly Source[] => parseDocuments([{ file: 'landfall.yaml', text }]).sources;

const messageOf = (text: string): string => {
  try {
    read(text);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'accepted';
};

describe('a composed source in a document', () => {
  test('comes after a source for each url of its own, which is followed like any other', () => {
    const sources = read(
      documents(
        `  - name: app
    namespace: web
    url: oci://r.example/app
    ref: { semver: "^1" }
    ignore: "*.md"
    labels: { tier: prod }
    verify: { provider: cosign, keys: [{ file: cosign.pub }] }
    include:
      - { url: "oci://r.example/team/shared_lib", ref: { tag: stable }, to: lib }
      - { url: "oci://other.example/shared-lib", to: other }
      - { source: plain, from: a, to: b }
    images: [{ source: image }, { source: ops/other, name: nginx, digest: true }]
`,
        followed('plain'),
        followed('image', ', unpack: { mode: none }'),
        '  - { name: other, namespace: ops, url: "oci://r.example/other", accessFrom: [web] }\n',
      ),
    );
    assert.deepEqual(sources.map(formatSourceId), [
      'web/app.base',
      'web/app.shared-lib',
      'web/app.2-shared-lib',
      'web/app',
      'web/plain',
      'web/image',
      'ops/other',
    ]);
    const [base, lib, , app] = sources;
    assert.deepEqual(
      [base?.url, base?.ref, base?.unpack.ignore],
      ['oci://r.example/app', { semver: '^1' }, '*.md'],
    );
    assert.ok(base?.verify, 'verify is of the url');
    assert.deepEqual(
      [lib?.ref, lib?.unpack.ignore, lib?.verify, lib?.labels],
      [{ tag: 'stable' }, undefined, undefined, {}],
    );
    assert.deepEqual(
      [app?.url, app?.labels, app?.verify],
      ['landfall://web/app', { tier: 'prod' }, undefined],
    );
    assert.deepEqual(app?.composed, {
      include: [
        { source: 'web/app.base' },
        { source: 'web/app.shared-lib', to: 'lib' },
        { source: 'web/app.2-shared-lib', to: 'other' },
        { source: 'web/plain', from: 'a', to: 'b' },
      ],
      images: [
        { source: 'web/image', marker: 'web:image' },
        { source: 'ops/other', name: 'nginx', pinned: true },
      ],
      onClash: 'refuse',
      isVerified: true,
    });
  });

  const REFUSED: readonly (readonly [name: string, text: string, message: RegExp])[] = [
    [
      'that has neither url nor include',
      documents(composed('app', 'labels: {}')),
      /2:5: .*wanted url, or include/,
    ],
    [
      'with images and no files',
      documents(composed('app', 'images: [{ source: a }]')),
      /images writes into the files of url or include/,
    ],
    [
      'with both source and url in a part',
      documents(composed('app', 'include: [{ source: a, url: "oci://r.example/b" }]')),
      /wanted source .* or url, one of them/,
    ],
    [
      'with a ref of a source',
      documents(composed('app', 'include: [{ source: a, ref: { tag: x } }]'), followed('a')),
      /ref is of a url/,
    ],
    [
      'with a ref and no url',
      documents(composed('app', 'ref: { tag: x }, include: [{ source: a }]'), followed('a')),
      /ref is of a url, and this source has none/,
    ],
    [
      'with onClash and no include',
      documents(followed('app', ', onClash: last')),
      /onClash is for a source that has include/,
    ],
    [
      'that leaves no files',
      documents(followed('app', ', unpack: { mode: none }, images: [{ source: a }]'), followed('a')),
      /leaves no files to be composed/,
    ],
    [
      'with a part that is not there',
      documents(composed('app', 'include: [{ source: lob }]'), followed('lib')),
      /landfall\.yaml:2:5: sources\[0\]: source "web\/lob" is not in these documents; did you mean "web\/lib"\?/,
    ],
    [
      'of itself',
      documents(composed('app', 'include: [{ source: app }]')),
      /2:5: sources\[0\]: is composed of itself: web\/app → web\/app/,
    ],
    [
      'that leads back to itself',
      documents(
        composed('a', 'include: [{ source: b }]'),
        composed('b', 'include: [{ source: c }]'),
        composed('c', 'include: [{ source: a }]'),
      ),
      /2:5: sources\[0\]: is composed of itself: web\/a → web\/b → web\/c → web\/a\n.*3:5: sources\[1\]: .*web\/b → web\/c → web\/a → web\/b/,
    ],
    [
      'with a part of another namespace',
      documents(composed('app', 'include: [{ source: web/lib }]', 'ops'), followed('lib')),
      /web\/lib is of another namespace, and does not let ops in: it needs accessFrom: \[ops\]/,
    ],
    [
      'with an image of another namespace',
      documents(
        composed('app', 'include: [{ source: own }], images: [{ source: web/lib }]', 'ops'),
        '  - { name: own, namespace: ops, url: "oci://r.example/own" }\n',
        followed('lib'),
      ),
      /does not let ops in/,
    ],
    [
      'with a part that is not unpacked',
      documents(
        composed('app', 'include: [{ source: image }]'),
        followed('image', ', unpack: { mode: none }'),
      ),
      /it has no files to include/,
    ],
    [
      'with an image that is composed',
      documents(
        composed('app', 'include: [{ source: lib }], images: [{ source: c }]'),
        composed('c', 'include: [{ source: lib }]'),
        followed('lib'),
      ),
      /web\/c is composed: no registry has it/,
    ],
    [
      'with a path that leaves',
      documents(composed('app', 'include: [{ source: lib, to: "../x" }]'), followed('lib')),
      /include\[0\]\.to: path "\.\.\/x" is refused: it has a "\.\." segment/,
    ],
    [
      'with what another has for itself',
      documents(
        composed('app', 'include: [{ source: other.base, to: x }]'),
        composed('other', 'url: "oci://r.example/other", include: [{ source: lib }]'),
        followed('lib'),
      ),
      /include\[0\]\.source: .*wanted the name of a source of the documents.*url/,
    ],
    [
      'with an absolute path',
      documents(composed('app', 'include: [{ source: lib, from: /x }]'), followed('lib')),
      /it is absolute/,
    ],
    [
      'with a name too long for its parts',
      documents(
        composed('a'.repeat(51), 'url: "oci://r.example/a", include: [{ source: lib }]'),
        followed('lib'),
      ),
      /name is 51 characters.*wanted at most 50/,
    ],
  ];
  for (const [name, text, message] of REFUSED)
    test(`is refused ${name}`, () => assert.match(messageOf(text), message));

  const ACCEPTED: readonly (readonly [name: string, text: string])[] = [
    [
      'of another that is composed',
      documents(
        composed('a', 'include: [{ source: b }]'),
        composed('b', 'include: [{ source: lib }]'),
        followed('lib'),
      ),
    ],
    [
      'by two ways',
      documents(
        composed('a', 'include: [{ source: b }, { source: c, to: c }]'),
        composed('b', 'include: [{ source: lib }]'),
        composed('c', 'include: [{ source: lib }]'),
        followed('lib'),
      ),
    ],
    [
      'of another namespace that lets all in',
      documents(
        composed('app', 'include: [{ source: web/lib }]', 'ops'),
        followed('lib', ', accessFrom: ["*"]'),
      ),
    ],
    [
      'with a name as long as may be',
      documents(
        composed('a'.repeat(50), 'url: "oci://r.example/a", include: [{ source: lib }]'),
        followed('lib'),
      ),
    ],
  ];
  for (const [name, text] of ACCEPTED)
    test(`is accepted ${name}`, () => assert.equal(messageOf(text), 'accepted'));

  test('may have 100 parts and as many images, and no more', () => {
    const many = (count: number): string =>
      documents(
        composed(
          'app',
          `include: [${Array.from({ length: count }, (_, at) => `{ source: lib, to: p${at} }`).join(', ')}]`,
        ),
        followed('lib'),
      );
    assert.equal(messageOf(many(100)), 'accepted');
    assert.match(messageOf(many(101)), /include: wanted at most 100 entries/);
  });
});
