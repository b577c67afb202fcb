import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../', import.meta.url);
const README = readFileSync(new URL('README.md', ROOT), 'utf8');

/** The table of the README is the list of pages, in its order. */
const listed = README.slice(README.indexOf('## Where to go on'))
  .split('\n')
  .filter((line) => line.startsWith('| ['))
  .flatMap((line) => [...line.split('|')[1].matchAll(/\[([^\]]+)\]\(([^)]+)\.md\)/g)])
  .map(([, text, path]) => ({ text: text[0].toUpperCase() + text.slice(1), link: `/${path}` }));

/** Pages that only others lead to, by their titles. */
const others = readdirSync(new URL('docs/', ROOT))
  .filter((name) => name.endsWith('.md') && !listed.some(({ link }) => `${link}.md` === `/docs/${name}`))
  .map((name) => {
    const [title] = readFileSync(new URL(`docs/${name}`, ROOT), 'utf8').split('\n', 1);
    return { text: title.replace(/^# /, ''), link: `/docs/${name.replace(/\.md$/, '')}` };
  });

/** A link to a file of the checkout that is no page of the site. */
const isNoPage = (link) =>
  /(?:^|\/)(?:test|examples|infra|shared|functions|release|README|LICENSE)\b/.test(link);

/** Where a page shows {{ … }} it means that, and nothing of Vue's. */
function showBraces(md) {
  const { rules } = md.renderer;
  for (const name of ['text', 'code_inline']) {
    const render = rules[name];
    rules[name] = (...args) => render(...args).replaceAll('{{', '&#123;&#123;');
  }
}

export default {
  title: 'Landfall',
  description: 'Turns pushes to an OCI registry into deploys on AWS, without a cluster',
  srcDir: '..',
  outDir: '../build/site',
  cacheDir: '../.cache/site',
  srcExclude: ['{test,site,build,bench,examples,node_modules,infra,shared,release,runtime}/**'],
  rewrites: { 'README.md': 'index.md' },
  ignoreDeadLinks: [isNoPage],
  markdown: { html: false, config: showBraces },
  // Pages are above this folder, where no packages are looked for.
  vite: {
    resolve: {
      alias: [
        { find: /^vue(?=\/|$)/, replacement: fileURLToPath(new URL('../node_modules/vue', import.meta.url)) },
      ],
    },
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    sidebar: [...listed, ...others],
  },
};
