'use strict';
const { mkdirSync } = require('node:fs');
const { enableCompileCache } = require('node:module');
const { join } = require('node:path');
const { requireCompiled } = require('./compiled.cjs');
const { expectFewAnswers } = require('./few-answers.cjs');
const { makeThreads } = require('./threads.cjs');
/** @type {Readonly<Record<string, string>>} by command, '' for none: the bundle that has it; written by the build */
const bundles = require('./bundles.json');

const { XDG_CACHE_HOME, HOME } = process.env;
const argv = process.argv.slice(2);
const command = argv.find((word) => Object.hasOwn(bundles, word)) ?? '';

// The heap of a checkout's bin/landfall, which says why: it matters to what runs for months. In the same process, so that
// signals and the supervisor see one.
const HEAP = ['--max-semi-space-size=2', '--initial-old-space-size=64', '--heap-growing-percent=100'];
if (command === 'serve' && process.execve && !process.execArgv.includes(HEAP[0]))
  process.execve(
    process.execPath,
    [process.execPath, ...process.execArgv, ...HEAP, ...process.argv.slice(1)],
    process.env,
  );
expectFewAnswers();
if (command === 'serve') makeThreads();

/** Where what V8 compiled is kept: of this user, as the package's own folder may be another's. Undefined: nowhere. */
function keptIn() {
  const cache = XDG_CACHE_HOME || (HOME && join(HOME, '.cache'));
  if (!cache) return undefined;
  const folder = join(cache, 'landfall', 'compiled');
  try {
    mkdirSync(folder, { recursive: true });
    enableCompileCache(folder);
    return folder;
  } catch {
    return undefined; // A home that is read-only: each start compiles again.
  }
}

async function main() {
  const folder = keptIn();
  const path = join(__dirname, bundles[command]);
  // Kinds of one's own are imported, which what was compiled by hand does only with a warning of Node's.
  const isKept = folder && !process.env.LANDFALL_KINDS;
  const { run } = isKept ? requireCompiled(path, command, folder) : require(path);
  process.exitCode = await run(argv, { stdout: process.stdout, stderr: process.stderr });
  // Once what was written is read, nothing that is left keeps the process: a kind of one's own may never end. And Node
  // takes up to 8 ms longer where it is left to see that nothing is.
  process.stdout.write('', () => process.stderr.write('', () => process.exit()));
}

void main();
