import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { type Mutant, mutated } from './mutants.ts';

/** Loaded before a test and whatever it starts: `LANDFALL_MUTANT` says which module is another, as `{ url, mutant }`. */
const { url, mutant } = JSON.parse(env['LANDFALL_MUTANT'] ?? '{}') as {
  readonly url: string;
  readonly mutant: Mutant;
};

registerHooks({
  load: (loaded, context, next) =>
    loaded === url
      ? {
          format: 'module-typescript',
          source: mutated(readFileSync(fileURLToPath(url), 'utf8'), mutant),
          shortCircuit: true,
        }
      : next(loaded, context),
});
