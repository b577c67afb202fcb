import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { writeImages } from '../../shared/compose/yaml-edits.ts';
import type { WrittenRevision } from '../../shared/model/composition.ts';
import { parseDigest } from '../../shared/oci/digest.ts';

const DIGEST = parseDigest('sha256:6745aaad46d795c9836632e1fb62f24b7e7f4c843144da8e47a5465c411a14be');
const FIXTURES = 'test/compose/fixtures';
const fixture = (path: string): string => readFileSync(`${FIXTURES}/${path}`, 'utf8');

const imageOf = (
  image: string,
  tag: string | null,
  more: Partial<WrittenRevision> = {},
): WrittenRevision => ({
  source: 'apps/web',
  revision: tag === null ? DIGEST : `${tag}@${DIGEST}`,
  digest: DIGEST,
  image,
  ...more,
});

const FLUX: readonly WrittenRevision[] = [
  imageOf('index.repo.fake/updated', 'v1.0.1', { marker: 'automation-ns:policy' }),
  imageOf('image', 'v1.0.0', { marker: 'automation-ns:unchanged' }),
  imageOf('image', 'v1.0.0', { marker: 'automation-ns:policy-with-digest', pinned: true }),
];
const WEB = imageOf('ghcr.io/acme/web', 'v2', { marker: 'apps:web' });
const EDGES: readonly WrittenRevision[] = [
  WEB,
  imageOf('ghcr.io/acme/number', '1.10', { marker: 'apps:number' }),
  imageOf('ghcr.io/acme/yes', 'on', { marker: 'apps:yes' }),
];

const write = (
  text: string,
  images: readonly WrittenRevision[] = [WEB],
  path = 'a.yaml',
): string | undefined => writeImages(path, text, images)?.text;

const valuesOf = (text: string): unknown =>
  [...parseAllDocuments(text)].map((document) => document.toJS() as unknown);

describe('markers of images', () => {
  for (const name of ['Kustomization', 'kustomization.yml', 'marked.yaml'])
    test(`are written as image-automation-controller does, byte for byte: ${name}`, () => {
      const of = 'image-automation-controller';
      assert.equal(write(fixture(`${of}/original/${name}`), FLUX, name), fixture(`${of}/expected/${name}`));
    });

  for (const name of ['otherns.yaml', 'test.yaml', 'unmarked.yaml'])
    test(`that name none of the images are left: ${name}`, () => {
      const text = fixture(`image-automation-controller/original/${name}`);
      assert.equal(write(text, FLUX, name) ?? text, text);
    });

  test('say what kyaml makes of them, and every other byte stays', () => {
    const original = fixture('edges/original.yaml');
    const written = write(original, EDGES) ?? '';
    assert.deepEqual(valuesOf(written), valuesOf(fixture('edges/expected.yaml')));
    const changed = (text: string, other: string): readonly string[] => {
      const others = new Set(other.split('\n'));
      return text.split('\n').filter((line) => !others.has(line));
    };
    for (const line of changed(original, written)) assert.match(line, /old|1 #|"1" #|head:v1|literal|v1/);
    const quotes = written.split('\n').filter((line) => /^ {2}(?:double|single|number|yes)/.test(line));
    assert.deepEqual(quotes, [
      '  double: "ghcr.io/acme/web:v2" # {"$imagepolicy": "apps:web"}',
      `  single: 'ghcr.io/acme/web:v2' # {"$imagepolicy": "apps:web"}`,
      '  number: "1.10" # {"$imagepolicy": "apps:number:tag"}',
      '  yes: "on" # {"$imagepolicy": "apps:yes:tag"}',
    ]);
    assert.match(written, /name: {3}wide/);
    assert.match(written, /flow: \{ image: old:v1 \} #/);
  });

  test('are written once: the same again changes nothing', () => {
    const once = write(fixture('edges/original.yaml'), EDGES) ?? '';
    assert.equal(write(once, EDGES), once);
  });

  const CASES: readonly (readonly [name: string, text: string, wanted: string | undefined])[] = [
    [
      'ends of lines',
      'a: x # {"$imagepolicy": "apps:web"}\r\nb: y\r\n',
      'a: ghcr.io/acme/web:v2 # {"$imagepolicy": "apps:web"}\r\nb: y\r\n',
    ],
    [
      'no last line end',
      'a: x # {"$imagepolicy": "apps:web"}',
      'a: ghcr.io/acme/web:v2 # {"$imagepolicy": "apps:web"}',
    ],
    [
      'a byte order mark',
      '\ufeffa: x # {"$imagepolicy": "apps:web"}\n',
      '\ufeffa: ghcr.io/acme/web:v2 # {"$imagepolicy": "apps:web"}\n',
    ],
    [
      'characters of several units',
      'é: "😀"\na: x # {"$imagepolicy": "apps:web"}\n',
      'é: "😀"\na: ghcr.io/acme/web:v2 # {"$imagepolicy": "apps:web"}\n',
    ],
    ['a list for its root is left, as by Flux', '- x # {"$imagepolicy": "apps:web"}\n', undefined],
    [
      'a template is left',
      'a: {{ .x }} # {"$imagepolicy": "apps:web"}\n',
      'a: {{ .x }} # {"$imagepolicy": "apps:web"}\n',
    ],
    ['a key twice is left', 'a: 1\na: x # {"$imagepolicy": "apps:web"}\n', undefined],
    [
      'an alias is left',
      'a: *none # {"$imagepolicy": "apps:web"}\n',
      'a: *none # {"$imagepolicy": "apps:web"}\n',
    ],
    [
      'a tag of its own',
      'a: !mine x # {"$imagepolicy": "apps:web"}\n',
      'a: !mine ghcr.io/acme/web:v2 # {"$imagepolicy": "apps:web"}\n',
    ],
  ];
  for (const [name, text, wanted] of CASES)
    test(`in a file with ${name}`, () => assert.equal(write(text), wanted));

  test('among a billion laughs cost no more than their text', () => {
    const laughs = Array.from(
      { length: 40 },
      (_, at) => `l${at + 1}: &l${at + 1} [*l${at}, *l${at}, *l${at}]`,
    );
    const text = `l0: &l0 [lol, lol]\n${laughs.join('\n')}\na: x # {"$imagepolicy": "apps:web"}\n`;
    assert.match(write(text) ?? '', /\na: ghcr\.io\/acme\/web:v2 #/);
  });

  test('of an image without a tag are its digest, and its tag is missed', () => {
    const image = imageOf('ghcr.io/acme/web', null, { marker: 'apps:web' });
    assert.equal(
      write('a: x # {"$imagepolicy": "apps:web"}\n', [image]),
      `a: ghcr.io/acme/web@${DIGEST} # {"$imagepolicy": "apps:web"}\n`,
    );
    assert.throws(() => write('a: x # {"$imagepolicy": "apps:web:tag"}\n', [image]), {
      code: 'COMPOSE_REFUSED',
      message: /apps\/web follows sha256:6745.* and has no tag/,
    });
  });
});

describe('the images of a kustomization', () => {
  const NGINX = imageOf('docker.io/library/nginx', '1.27', { name: 'nginx' });
  const PINNED = { ...NGINX, pinned: true } as const;
  const head = 'kind: Kustomization\nimages:\n';
  const CASES: readonly (readonly [name: string, image: WrittenRevision, text: string, wanted: string])[] = [
    [
      'has its tag replaced, and its name where it is another',
      NGINX,
      `${head}  - name: nginx # web\n    newTag: "1.0"\n    newName: x\n`,
      `${head}  - name: nginx # web\n    newTag: "1.27"\n    newName: docker.io/library/nginx\n`,
    ],
    [
      'gets a tag where it has none',
      { ...NGINX, name: 'docker.io/library/nginx' },
      `${head}- name: docker.io/library/nginx\nresources: []\n`,
      `${head}- name: docker.io/library/nginx\n  newTag: "1.27"\nresources: []\n`,
    ],
    [
      'gets name, tag and digest in braces',
      PINNED,
      `${head}  - { name: nginx, newTag: a }\n`,
      `${head}  - { name: nginx, newName: docker.io/library/nginx, digest: ${DIGEST}, newTag: "1.27" }\n`,
    ],
    [
      'that is pinned by a digest stays pinned',
      NGINX,
      `${head}  - digest: sha256:0\n    newName: docker.io/library/nginx\n    name: nginx\n`,
      `${head}  - digest: ${DIGEST}\n    newName: docker.io/library/nginx\n    name: nginx\n`,
    ],
    [
      'of another name is left',
      NGINX,
      `${head}  - name: other\n    newTag: a\n`,
      `${head}  - name: other\n    newTag: a\n`,
    ],
  ];
  for (const [name, image, text, wanted] of CASES)
    test(name, () => {
      const written = write(text, [image], 'overlays/prod/kustomization.yaml');
      assert.equal(written, wanted);
      assert.equal(write(wanted, [image], 'kustomization.yaml'), wanted, 'and once');
    });

  test('are no business of other files', () => {
    const text = `${head}  - name: nginx\n    newTag: a\n`;
    assert.equal(write(text, [NGINX], 'values.yaml'), text);
  });

  test('with a marker and a name are written once', () => {
    const text = `${head}  - name: nginx\n    newName: docker.io/library/nginx\n    newTag: a # {"$imagepolicy": "apps:web:tag"}\n`;
    assert.equal(
      write(text, [{ ...NGINX, marker: 'apps:web' }], 'kustomization.yaml'),
      text.replace('newTag: a', 'newTag: "1.27"'),
    );
  });
});
