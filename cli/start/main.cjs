const { accessSync, constants } = require('node:fs');
const { enableCompileCache } = require('node:module');
const { join } = require('node:path');
const { freshBundle } = require('./built.cjs');
const { requireCompiled } = require('./compiled.cjs');
const { expectFewAnswers } = require('./few-answers.cjs');
const { makeThreads } = require('./threads.cjs');

// A command's start is mostly compiling; the next one reads the compiled code from the user's own cache. Not from the
// temporary folder, where anybody could have put it. This file is no TypeScript, or every start would load its compiler;
// and CommonJS, or every start would load all of node:fs.
const { XDG_CACHE_HOME, HOME, LANDFALL_KINDS } = process.env;
const cache = XDG_CACHE_HOME || (HOME && join(HOME, '.cache'));
if (cache) enableCompileCache(join(cache, 'landfall', 'compiled'));

const root = join(__dirname, '../..');
const argv = process.argv.slice(2);

expectFewAnswers();
if (argv.includes('serve')) makeThreads();

/** Makes the bundle; the sources do where it cannot be: a folder that is read-only, npm without what it is made with. */
async function build() {
  try {
    accessSync(root, constants.W_OK);
    const { buildBundles } = await import('../bundle.ts');
    return (await buildBundles(root)) ? freshBundle(root, argv) : undefined;
  } catch {
    return undefined;
  }
}

/** The program: the bundle's, where that is what the sources say. */
async function load() {
  // Kinds of one's own import the sources, and what is one class there has to be one here.
  const bundle = LANDFALL_KINDS ? undefined : (freshBundle(root, argv) ?? (await build()));
  return (bundle && requireCompiled(bundle.path, bundle.command)) ?? (await import('../run.ts'));
}

async function main() {
  const { run } = await load();
  process.exitCode = await run(argv, { stdout: process.stdout, stderr: process.stderr });
  // Once what was written is read, nothing that is left keeps the process: a kind of one's own may never end. And Node
  // takes up to 8 ms longer where it is left to see that nothing is.
  process.stdout.write('', () => process.stderr.write('', () => process.exit()));
}

void main();
