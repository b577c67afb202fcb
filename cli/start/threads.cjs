const { stat } = require('node:fs');

/** shared/limits.ts has the same number. */
const THREADS = '32';

/**
 * Has Node make its threads, before any is used. Names are asked for on them, and a name server that says nothing holds one
 * for long. How many is said by a variable, which is as it was afterwards: what this process runs is to find what the user
 * gave.
 */
function makeThreads() {
  if (process.env.UV_THREADPOOL_SIZE !== undefined) return;
  process.env.UV_THREADPOOL_SIZE = THREADS;
  stat(__filename, () => {});
  delete process.env.UV_THREADPOOL_SIZE;
}

module.exports = { makeThreads };
