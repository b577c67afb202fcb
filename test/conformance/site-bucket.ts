import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import type {
  ListedFile,
  ListSiteOptions,
  SiteBucket,
  SiteCopy,
  SiteHeaders,
} from '../../shared/deploy/kit/site-bucket.ts';
import type { Calls } from './ended-calls.ts';

export interface SiteBucketSubject {
  readonly site: SiteBucket;
  /** The same place and artifact, for another deploy. */
  readonly other: SiteBucket;
  /** As a visitor gets it. */
  read(path: string): { readonly text: string; readonly headers: SiteHeaders } | undefined;
}

const HEADERS = { contentType: 'text/css; charset=utf-8', cacheControl: 'no-cache' };
const FILES = { 'web/a b+ü%.css': 'one', 'web/other.css': 'two' };

const copyOf = (from: keyof typeof FILES, changes: Partial<SiteCopy> = {}): SiteCopy => {
  const text = FILES[from];
  const path = from.slice('web/'.length);
  return { path, from, size: text.length, sha256: hash('sha256', text), headers: HEADERS, ...changes };
};

export const SITE_CALLS: Calls<SiteBucket> = {
  list: (site, options) => site.list(() => undefined, options),
  copy: (site, options) => site.copy(copyOf('web/other.css'), options),
  delete: (site, options) => site.delete(['other.css'], options),
};

/** All that a place tells of, in the order it does. */
export async function listed(
  { list }: SiteBucket,
  options?: ListSiteOptions,
): Promise<readonly ListedFile[]> {
  const files: ListedFile[] = [];
  await list((file) => files.push(file), options);
  return files;
}

/** What S3 and memory must do alike. `open` gives an empty site, and an artifact with these files. */
export function siteBucketSuite(
  name: string,
  open: (t: TestContext, files: Readonly<Record<string, string>>) => Promise<SiteBucketSubject>,
): void {
  const versions = async (site: SiteBucket): Promise<ReadonlyMap<string, string>> =>
    new Map((await listed(site)).map(({ path, version }) => [path, version]));

  test(`${name}: a copy is what it is a copy of, with its headers, whatever it is called`, async (t) => {
    const { site, read } = await open(t, FILES);
    await site.copy(copyOf('web/a b+ü%.css'));
    assert.deepEqual(read('a b+ü%.css'), { text: 'one', headers: HEADERS });
  });

  test(`${name}: the version a copy gives is the one the listing has, and another for other content`, async (t) => {
    const { site } = await open(t, FILES);
    const path = 'site.css';
    const first = await site.copy(copyOf('web/other.css', { path }));
    assert.deepEqual(await versions(site), new Map([[path, first]]));
    const second = await site.copy(copyOf('web/a b+ü%.css', { path }));
    assert.notEqual(second, first);
    assert.deepEqual(await versions(site), new Map([[path, second]]));
  });

  test(`${name}: what is not as its commit record has it is refused`, async (t) => {
    const { site } = await open(t, FILES);
    const wrong = copyOf('web/other.css', { sha256: hash('sha256', 'else') });
    await assert.rejects(site.copy(wrong), { code: 'STORE_CORRUPT' });
  });

  test(`${name}: a file that the artifact does not have is told as that`, async (t) => {
    const { site } = await open(t, {});
    await assert.rejects(site.copy(copyOf('web/other.css')), { code: 'ARTIFACT_NOT_FOUND' });
  });

  test(`${name}: deletes what is there, and minds nothing that is not`, async (t) => {
    const { site } = await open(t, FILES);
    await site.copy(copyOf('web/other.css'));
    await site.copy(copyOf('web/a b+ü%.css'));
    await site.delete(['a b+ü%.css', 'nothing.css']);
    assert.deepEqual([...(await versions(site)).keys()], ['other.css']);
  });

  test(`${name}: leaves what another deploy was the last to put, though it be the same bytes`, async (t) => {
    const { site, other, read } = await open(t, FILES);
    const copy = copyOf('web/other.css');
    const first = await site.copy(copy);
    assert.equal(await other.copy(copy), first, 'nothing in a listing tells them apart');
    assert.equal(await site.delete([copy.path]), 0);
    assert.equal(read(copy.path)?.text, 'two');
    assert.equal(await other.delete([copy.path, 'nothing.css']), 2);
    assert.equal(read(copy.path), undefined);
  });
}
