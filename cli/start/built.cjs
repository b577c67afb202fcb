const { readFileSync, statSync } = require('node:fs');

/**
 * What `dist/built.json` holds: of what each command is made, and in which bundle it is; '' is what all begin with.
 * A file that was changed, replaced or copied has another ctime, which nobody can set.
 * @typedef {object} Built
 * @property {readonly (readonly [path: string, ctimeMs: number])[]} files under the root
 * @property {Readonly<Record<string, { readonly bundle: string, readonly files: readonly number[] }>>} commands
 */

/**
 * The bundle that has a command. Undefined where there is none, and where a file that the command runs has been changed
 * since: one may not run for what the other says.
 * @param {string} root @param {readonly string[]} argv @returns {{ path: string, command: string } | undefined}
 */
function freshBundle(root, argv) {
  try {
    /** @type {Built} */
    const { files, commands } = JSON.parse(readFileSync(`${root}/dist/built.json`, 'utf8'));
    const command = argv.find((word) => Object.hasOwn(commands, word)) ?? '';
    const { bundle, files: used } = commands[command];
    const isFresh = used.every((at) => statSync(`${root}/${files[at][0]}`).ctimeMs === files[at][1]);
    return isFresh ? { path: `${root}/dist/${bundle}`, command } : undefined;
  } catch {
    return undefined; // Nothing was built, or a source is gone.
  }
}

module.exports = { freshBundle };
