import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { contentTypeOf } from '../../../shared/deploy/site/content-type.ts';
import { siteFiles } from '../../../shared/deploy/site/site.ts';
import { deploySite } from '../../../shared/deploy/site/site-deployer.ts';
import { type ErrorCode, LandfallError } from '../../../shared/errors.ts';
import { SITE_FILE_BYTES } from '../../../shared/limits.ts';
import { siteKey } from '../../../shared/store/layout.ts';
import { type Files, ID } from '../../support/stores/memory-sources.ts';
import { openSiteWorld, recordOf } from './site-world.ts';

const code = (wanted: ErrorCode): { readonly code: ErrorCode } => ({ code: wanted });

describe('a site', () => {
  test('has assets before pages, and deletions last, pages first', async () => {
    const { deploy, done } = openSiteWorld();
    await deploy({ 'a.html': '1', 'assets/a.js': '1', 'b/index.html': '1', 'z.css': '1' });
    const first = done();
    assert.deepEqual(first.slice(0, 2).toSorted(), ['put assets/a.js', 'put z.css']);
    assert.deepEqual(first.slice(2).toSorted(), ['put a.html', 'put b/index.html']);
    await deploy({ 'a.html': '2', 'assets/b.js': '1' });
    assert.deepEqual(done(), ['put assets/b.js', 'put a.html', 'delete b/index.html assets/a.js z.css']);
  });

  test('puts again only what is not as it was', async () => {
    const { deploy, done } = openSiteWorld();
    const files = { 'index.html': '1', 'site.css': '1', 'logo.svg': '1' };
    assert.deepEqual(await deploy(files), {
      ...{ put: 3, unchanged: 0, deleted: 0 },
      changed: ['site.css', 'logo.svg', 'index.html'],
    });
    done();
    assert.deepEqual(await deploy({ ...files, 'site.css': '2' }), {
      ...{ put: 1, unchanged: 2, deleted: 0 },
      changed: ['site.css'],
    });
    assert.deepEqual(done(), ['put site.css']);
  });

  test('puts again what is to be served otherwise', async () => {
    const { deploy, done } = openSiteWorld();
    const files = { 'assets/a.js': '1', 'b.js': '1' };
    await deploy(files);
    done();
    await deploy(files, { deps: { settings: { immutable: [], cacheControl: 'no-cache' } } });
    assert.deepEqual(done(), ['put assets/a.js']);
  });

  test('is one folder of the artifact', async () => {
    const { deploy, served } = openSiteWorld();
    await deploy({ 'web/index.html': '1', 'website/no.html': '2', 'x/web/no.html': '3' }, { path: 'web' });
    assert.deepEqual(served(), { 'index.html': '1' });
  });

  test('heals what somebody changed or deleted in it', async () => {
    const { deploy, site, done, served } = openSiteWorld();
    const files = { 'index.html': '1', 'a.css': '1', 'b.css': '1' };
    await deploy(files);
    site.objects.delete('a.css');
    site.objects.set('b.css', { text: 'mine', headers: undefined });
    done();
    await deploy(files);
    assert.deepEqual(done().toSorted(), ['put a.css', 'put b.css']);
    assert.deepEqual(served(), files);
  });

  test('never takes away what it did not put, nor what somebody put over it', async () => {
    const { deploy, site, served } = openSiteWorld();
    const mine = { text: 'mine', headers: undefined };
    site.objects.set('robots.txt', mine);
    await deploy({ 'index.html': '1', 'old.css': '1', 'other.css': '1' });
    site.objects.set('old.css', mine);
    await deploy({ 'index.html': '1' });
    assert.deepEqual(served(), { 'index.html': '1', 'old.css': 'mine', 'robots.txt': 'mine' });
  });

  test('of an older generation than was begun is refused', async () => {
    const { deploy, served } = openSiteWorld();
    await deploy({ 'index.html': '2' }, { generation: 2 });
    await assert.rejects(deploy({ 'index.html': '1' }, { generation: 1 }), code('STORE_CONFLICT'));
    assert.deepEqual(served(), { 'index.html': '2' });
  });

  test('whose deploy lost its lease puts nothing more', async () => {
    const { deploy, served } = openSiteWorld();
    const assertHeld = (): void => {
      throw new LandfallError('STORE_CONFLICT', 'lost');
    };
    await assert.rejects(deploy({ 'index.html': '2' }, { deps: { assertHeld } }), code('STORE_CONFLICT'));
    assert.deepEqual(served(), {});
  });

  test('that another worker has begun meanwhile is left to it', async () => {
    const { deploy, site, objects, served } = openSiteWorld();
    await deploy({ 'index.html': '1', 'a.css': '1' });
    // Another worker writes down what it is about to do, after this one has.
    site.before = async (call) => {
      if (call !== 'put a.css') return;
      const key = siteKey('live', ID);
      const stored = await objects.get(key);
      await objects.replace(key, Buffer.from('{}'), stored?.version);
    };
    await assert.rejects(deploy({ 'a.css': '2' }), code('STORE_CONFLICT'));
    assert.equal(served()['index.html'], '1', 'nothing is deleted');
  });
});

describe('a deploy of a site that ends in the middle', () => {
  const before: Files = { 'index.html': '1', 'a.css': '1', 'gone.css': '1', 'same.css': '1' };
  const after: Files = { 'index.html': '2', 'a.css': '2', 'new.js': '2', 'same.css': '1' };
  const calls = ['list', 'put a.css', 'put new.js', 'put index.html', 'delete gone.css'];

  for (const call of calls) {
    test(`at "${call}" is finished by the next try, and cleared away by the next revision`, async () => {
      for (const [next, wanted] of [
        [after, after],
        [{ 'index.html': '3' }, { 'index.html': '3' }],
      ] as const) {
        const { deploy, site, served, manifest } = openSiteWorld();
        await deploy(before);
        let isBroken = true;
        site.before = (each) => {
          if (isBroken && each === call) throw new LandfallError('DEPLOY_UNAVAILABLE', 'broken');
        };
        await assert.rejects(deploy(after), code('DEPLOY_UNAVAILABLE'));
        isBroken = false;
        await deploy(next);
        assert.deepEqual(served(), wanted);
        assert.deepEqual(
          (await manifest())?.files.map(({ path }) => path).toSorted(),
          Object.keys(wanted).toSorted(),
        );
        assert.deepEqual((await manifest())?.pending, []);
      }
    });
  }

  test('does not put again what was put, where it could still say so', async () => {
    const { deploy, site, done } = openSiteWorld();
    site.before = (call) => {
      if (call === 'put index.html') throw new LandfallError('DEPLOY_UNAVAILABLE', 'broken');
    };
    await assert.rejects(deploy(after));
    site.before = () => undefined;
    done();
    await deploy(after);
    assert.deepEqual(done(), ['put index.html']);
  });

  const names = fc.constantFrom('index.html', 'a.css', 'b.css', 'c/d.html', 'c/e.js');
  const revisions = fc.array(
    fc.record({
      files: fc.dictionary(names, fc.constantFrom('1', '2', '3'), { minKeys: 1, noNullPrototype: true }),
      dies: fc.integer({ min: 0, max: 12 }),
    }),
    { minLength: 1, maxLength: 6 },
  );

  /** The process is gone: whatever it would have written after this, it does not. */
  test('by its death anywhere leaves nothing that no later revision takes away', async () => {
    await fc.assert(
      fc.asyncProperty(revisions, async (given) => {
        const { deploy, site, objects, served } = openSiteWorld();
        site.objects.set('theirs.txt', { text: 'theirs', headers: undefined });
        for (const { files, dies } of given) {
          let left = dies;
          const count = (): void => {
            left -= 1;
            if (left < 0) throw new LandfallError('INTERNAL', 'dead');
          };
          site.before = count;
          const replace: typeof objects.replace = async (...args) => {
            count();
            return objects.replace(...args);
          };
          await deploy(files, { deps: { objects: { ...objects, replace } } }).catch(() => undefined);
        }
        site.before = () => undefined;
        await deploy({ 'index.html': 'last' });
        assert.deepEqual(served(), { 'theirs.txt': 'theirs', 'index.html': 'last' });
      }),
      { numRuns: 300 },
    );
  });
  test('by its signal puts nothing more and says why', async () => {
    const { deploy, site, served } = openSiteWorld();
    const controller = new AbortController();
    site.before = (call) => {
      if (call === 'put a.css') controller.abort(new LandfallError('CANCELLED', 'time is up'));
    };
    const late = deploy({ 'a.css': '1', 'index.html': '1' }, { signal: controller.signal });
    await assert.rejects(late, code('CANCELLED'));
    assert.deepEqual(served(), { 'a.css': '1' });
  });
});

const settings = { immutable: [], cacheControl: 'no-cache' };

describe('a site that cannot be', () => {
  test('without any file is refused: nothing is not a site', async () => {
    const { deploy, served } = openSiteWorld();
    await deploy({ 'index.html': '1' });
    await assert.rejects(deploy({}), code('DEPLOY_FAILED'));
    assert.deepEqual(served(), { 'index.html': '1' });
  });

  test('with a path too long is refused before anything is put, and one byte less is not', async () => {
    const { deploy, served } = openSiteWorld(10);
    await assert.rejects(deploy({ 'index.html': '1', '12345678901': '1' }), code('DEPLOY_FAILED'));
    assert.deepEqual(served(), {});
    await deploy({ '1234567890': '1' });
  });

  test('with a file larger than S3 copies is refused, and one of just that size is not', async () => {
    const { site, objects, served } = openSiteWorld();
    const deploy = (size: number): Promise<unknown> => {
      const { files, ...record } = recordOf({ 'index.html': '1' });
      const large = { ...record, files: files.map((file) => ({ ...file, size })) };
      const { signal } = new AbortController();
      const request = { deploy: 'live', source: ID, record: large, path: undefined, generation: 1, signal };
      return deploySite(request, { site, settings, objects, assertHeld: () => undefined });
    };
    await assert.rejects(deploy(SITE_FILE_BYTES + 1), code('DEPLOY_FAILED'));
    assert.deepEqual(served(), {});
    // The bytes are not there; that it asks for them is the point.
    await assert.rejects(deploy(SITE_FILE_BYTES), code('ARTIFACT_NOT_FOUND'));
  });

  test('with a list of files that is none is told, with what to do', async () => {
    const { deploy, objects } = openSiteWorld();
    const path = '../../secrets.json';
    const file = { path, sha256: '0'.repeat(64), headers: 'h', version: 'v' };
    const identity = { formatVersion: 1, deploy: 'live', ...ID, place: 'memory://site', generation: 1 };
    for (const text of ['', '[]', '{}', JSON.stringify({ ...identity, files: [file], pending: [] })]) {
      const key = siteKey('live', ID);
      await objects.replace(key, Buffer.from(text), (await objects.get(key))?.version);
      await assert.rejects(deploy({ 'index.html': '1' }), { code: 'STORE_CORRUPT', hint: /Delete it/ });
    }
  });
});

describe('what a browser is told', () => {
  const settings = { immutable: ['assets/**', '*.woff2'], cacheControl: 'max-age=60' };
  const cases = [
    ['index.html', 'text/html; charset=utf-8', 'no-cache'],
    ['assets/page.html', 'text/html; charset=utf-8', 'no-cache'],
    ['assets/app.3f2a.JS', 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
    ['a.woff2', 'font/woff2', 'public, max-age=31536000, immutable'],
    ['fonts/a.woff2', 'font/woff2', 'max-age=60'],
    ['site.css', 'text/css; charset=utf-8', 'max-age=60'],
    ['logo.svg', 'image/svg+xml; charset=utf-8', 'max-age=60'],
    ['photo.jpeg', 'image/jpeg', 'max-age=60'],
    ['LICENSE', 'application/octet-stream', 'max-age=60'],
    ['.html', 'application/octet-stream', 'max-age=60'],
    ['v1.2/data', 'application/octet-stream', 'max-age=60'],
    ['x.constructor', 'application/octet-stream', 'max-age=60'],
  ] as const;
  for (const [path, contentType, cacheControl] of cases) {
    test(`of ${path}`, () => {
      const [file] = siteFiles(recordOf({ [path]: '' }), undefined, settings);
      assert.deepEqual(file?.headers, { contentType, cacheControl });
    });
  }

  test('never runs what has no known extension', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        assert.match(contentTypeOf(`${text}.unknown`), /^application\/octet-stream$/);
      }),
    );
  });
});
