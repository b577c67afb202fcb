import { enableCompileCache } from 'node:module';
import { after } from 'node:test';

// Each test file is a process of its own, which would strip the types of the same modules again: a fifth of its time.
enableCompileCache();

const PATIENCE_MS = Number(process.env['MUST_END_WITHIN_MS'] ?? 15_000);

/**
 * Loaded into each test file. The runner's `--test-timeout` is for tests: a file whose tests are done, and that
 * something keeps open, it waits for without end and in silence. Here it is told of, with what is open, and fails.
 */
after(() => {
  const complain = (): void => {
    const open = process.getActiveResourcesInfo().join(', ');
    console.error(`${process.argv[1]} does not end though its tests have ended. Open: ${open}`);
    process.exit(1);
  };
  setTimeout(complain, PATIENCE_MS).unref();
});
