import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { execArgv, execPath, exit, stdout } from 'node:process';

/** What takes most of the time of `npm test`, and what is not seen without it. */
const LEFT_OUT: readonly (readonly [pattern: string, why: string])[] = [
  ['test/aws-host/**', 'the synthesized stack, run whole'],
  ['test/e2e/**', 'real registries and clients'],
  ['test/infra/stack/{synth,snippets}.test.ts', 'whole synths, and the compiler over the guide'],
  ['test/reconcile/{killed,crash}.test.ts', 'a run ended at every call, and kill -9'],
  [
    'test/deploy/{faults,kinds}/**',
    'deploys with a fault at every request, and simulated with several workers',
  ],
  ['test/deploy/**/*-{moto,killed}.test.ts', 'deploys that are killed, and moto'],
  ['test/infra/deploys/{document-deploys,own-kind}.test.ts', 'synths of the deploys of documents'],
  ['test/store/directory/processes.test.ts', 'several processes on one store'],
  ['test/cli/**', 'a process for each command'],
  [
    'test/aws/lambda/{bundles,handlers,deploy-roles,unfinished-invocations}.test.ts',
    'the bundles as Lambda runs them',
  ],
  ['test/embedded-registry/{docker-registry-suite,skopeo}.test.ts', 'the same suite over real programs'],
  ['test/unpack/**/{tar-differential,union-umoci,hostile-fuzz}.test.ts', 'other readers, and chance'],
  ['test/fuzz/{fuzz,bounds}.test.ts', 'chance, and the worst that may be sent'],
];

const left = new Set(LEFT_OUT.flatMap(([pattern]) => globSync(pattern)));
const files = globSync('test/**/*.test.ts').filter((file) => !left.has(file));
const { status } = spawnSync(
  execPath,
  [
    ...execArgv,
    '--test',
    '--import',
    './test/support/must-end.ts',
    '--test-concurrency=2',
    '--test-timeout=120000',
    ...files,
  ],
  { stdio: 'inherit' },
);
stdout.write('\nLeft out, and run by npm test:\n');
for (const [pattern, why] of LEFT_OUT) stdout.write(`  ${pattern}: ${why}\n`);
exit(status ?? 1);
