import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { contentTypeOf, isPage } from '../../../shared/deploy/site/content-type.ts';
import { invalidationPaths } from '../../../shared/deploy/site/invalidation-paths.ts';
import { checkFiles } from '../../../shared/deploy/site/site-deployer.ts';
import { SITE_FILE_BYTES } from '../../../shared/limits.ts';
import { openMemorySite } from '../../support/deploys/memory-site.ts';

describe('what caches are to forget of a file that changed', () => {
  for (const [path, urls] of [
    ['site.css', ['/site.css']],
    ['about.html', ['/about.html']],
    ['index.html', ['/index.html', '/']],
    ['docs/index.html', ['/docs/index.html', '/docs/']],
    ['docs/index.htm', ['/docs/index.htm', '/docs/']],
    ['docs/my index.html', ['/docs/my%20index.html']],
    ['docs/index.js', ['/docs/index.js']],
    ['index/a b.html', ['/index/a%20b.html']],
  ] as const)
    test(`is ${urls.join(' and ')}`, () => {
      assert.deepEqual(invalidationPaths([path]), urls);
    });

  test('is all where anything may have changed, or much has, and each once', () => {
    assert.deepEqual(invalidationPaths(null), ['/*']);
    assert.deepEqual(invalidationPaths([]), []);
    assert.deepEqual(invalidationPaths(['a.css', 'a.css']), ['/a.css']);
    const many = Array.from({ length: 3_000 }, (_, at) => `${at}.css`);
    assert.deepEqual(invalidationPaths(many), ['/*']);
  });
});

describe('a file of a site is told by its name alone', () => {
  for (const [path, type, is] of [
    ['index.html', 'text/html; charset=utf-8', true],
    ['INDEX.HTML', 'text/html; charset=utf-8', true],
    ['a.b/c.htm', 'text/html; charset=utf-8', true],
    ['page.xhtml', 'application/xhtml+xml; charset=utf-8', true],
    ['a.html/b', 'application/octet-stream', false],
    ['html', 'application/octet-stream', false],
    ['.html', 'application/octet-stream', false],
    ['a/.html', 'application/octet-stream', false],
    ['x.html', 'text/html; charset=utf-8', true],
    ['a.html.gz', 'application/gzip', false],
    ['a.', 'application/octet-stream', false],
    ['a.constructor', 'application/octet-stream', false],
  ] as const)
    test(`${path} is ${type}${is ? ', and a page' : ''}`, () => {
      assert.deepEqual([contentTypeOf(path), isPage(path)], [type, is]);
    });
});

describe('what cannot be put is told before anything is', () => {
  const site = openMemorySite(() => ({}), { pathBytes: 10 });
  const copyOf = (path: string, size = 1) => ({
    ...{ path, from: path, size, sha256: '0'.repeat(64) },
    headers: { contentType: '', cacheControl: '' },
  });
  for (const [what, copies, message] of [
    ['nothing', [], /the artifact has no file$/],
    [
      'a path that is too long',
      [copyOf('a'.repeat(10)), copyOf('ä'.repeat(6))],
      /^deploy live: "ä{6}" is over the 10 bytes/,
    ],
    [
      'a file that is too large',
      [copyOf('a', SITE_FILE_BYTES + 1)],
      /^deploy live: a has \d+ bytes, and S3 copies at most/,
    ],
  ] as const)
    test(what, () => {
      assert.throws(() => checkFiles(copies, 'live', site), { code: 'DEPLOY_FAILED', message });
    });

  test('and what can be is', () => {
    checkFiles([copyOf('a'.repeat(10)), copyOf('ä'.repeat(5)), copyOf('b', SITE_FILE_BYTES)], 'live', site);
  });
});
