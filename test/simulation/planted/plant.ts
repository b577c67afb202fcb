import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { editsOf, PLANTED } from './planted.ts';

/**
 * Loaded before the simulator: a module or two of the product are others from here on, in memory alone. `LANDFALL_PLANTED` names
 * the bug.
 * @throws Error where the text that it replaces is not there once: the product has changed, and the bug has to follow
 */
const name = env['LANDFALL_PLANTED'] ?? '';
const bug = PLANTED.find((each) => each.name === name);
if (bug === undefined) throw new Error(`no bug ${JSON.stringify(name)} to plant`);
const planted = new Map(
  editsOf(bug).map(({ file, from, to }) => {
    const url = new URL(`../../../${file}`, import.meta.url).href;
    const source = readFileSync(fileURLToPath(url), 'utf8');
    if (source.split(from).length !== 2) throw new Error(`${file} has not once: ${from}`);
    return [url, source.replace(from, () => to)] as const;
  }),
);

registerHooks({
  load: (url, context, next) => {
    const source = planted.get(url);
    return source === undefined
      ? next(url, context)
      : { format: 'module-typescript', source, shortCircuit: true };
  },
});
