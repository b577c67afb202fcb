import { exit } from 'node:process';
import { afterEach } from 'node:test';

/** Loaded before a test: one test that fails is enough, and the rest would only take time. Types of Node have no `passed` yet. */
afterEach((context) => {
  if (!(context as unknown as { readonly passed: boolean }).passed) exit(1);
});
