const { readFileSync, renameSync, writeFileSync } = require('node:fs');
const { wrap } = require('node:module');
const { basename, dirname, join } = require('node:path');
const { constants, Script } = require('node:vm');

/** @param {string} path @returns {Buffer | undefined} */
function read(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** @param {string} path @param {Buffer} content */
function keep(path, content) {
  try {
    writeFileSync(`${path}.${process.pid}`, content);
    renameSync(`${path}.${process.pid}`, path);
  } catch {
    // The folder is read-only: the next one compiles it again.
  }
}

/**
 * What a bundle exports. Beside it lies, command by command, what V8 had compiled by the end of the first of them: Node's
 * own cache has what was compiled before anything ran, and a start is mostly the rest. V8 takes none of another version.
 * Undefined where the bundle has gone: another start has just made the next one.
 * @param {string} bundle an absolute path @param {string} command @param {string} folder where that lies, beside the bundle by default
 */
function requireCompiled(bundle, command, folder = dirname(bundle)) {
  const source = read(bundle);
  if (source === undefined) return undefined;
  const path = join(folder, `${basename(bundle)}.${command}.compiled`);
  const cachedData = read(path);
  const script = new Script(wrap(source.toString('latin1')), {
    filename: bundle,
    cachedData,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  if (cachedData === undefined || script.cachedDataRejected)
    process.once('exit', () => keep(path, script.createCachedData()));
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module, bundle, dirname(bundle));
  return module.exports;
}

module.exports = { requireCompiled };
