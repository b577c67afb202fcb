import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { PLANTED } from './planted.ts';

/**
 * Loaded before the simulator: one module of the product is another from here on, in memory alone. `LANDFALL_PLANTED` names
 * the bug.
 * @throws Error where the text that it replaces is not there once: the product has changed, and the bug has to follow
 */
const name = env['LANDFALL_PLANTED'] ?? '';
const bug = PLANTED.find((each) => each.name === name);
if (bug === undefined) throw new Error(`no bug ${JSON.stringify(name)} to plant`);
const url = new URL(`../../../${bug.file}`, import.meta.url).href;
const source = readFileSync(fileURLToPath(url), 'utf8');
if (source.split(bug.from).length !== 2) throw new Error(`${bug.file} has not once: ${bug.from}`);

registerHooks({
  load: (loaded, context, next) =>
    loaded === url
      ? { format: 'module-typescript', source: source.replace(bug.from, () => bug.to), shortCircuit: true }
      : next(loaded, context),
});
