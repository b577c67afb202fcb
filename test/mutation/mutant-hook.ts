import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { env, exit } from 'node:process';
import { afterEach } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Mutant, mutated } from './mutants.ts';

/** Loaded before a test: `LANDFALL_MUTANT` says which module is another, as `{ url, mutant }`. */
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

// One test that fails is enough, and the rest would only take time. Types of Node do not have `passed` yet.
afterEach((context) => {
  if (!(context as unknown as { readonly passed: boolean }).passed) exit(1);
});
