import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { PAGES, ROOT } from './markdown.ts';

interface Site {
  readonly themeConfig: {
    readonly sidebar: readonly { readonly text: string; readonly link: string }[];
    readonly search: { readonly provider: string };
  };
}

const { default: site } = (await import(pathToFileURL(join(ROOT, 'site/.vitepress/config.mjs')).href)) as {
  readonly default: Site;
};
const { sidebar, search } = site.themeConfig;

test('the site leads to each page of docs once, and to none that is not there', () => {
  const pages = PAGES.filter((path) => path.startsWith('docs/'));
  const links = sidebar.map(({ link }) => `${link.slice(1)}.md`);
  assert.deepEqual(links.filter((path) => path.startsWith('docs/')).toSorted(), pages.toSorted());
  for (const path of links) assert.ok(existsSync(join(ROOT, path)), path);
  for (const { text } of sidebar) assert.match(text, /^[A-Z]/);
});

test('its search asks nobody', () => {
  assert.equal(search.provider, 'local');
});
