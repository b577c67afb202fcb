import { spawnSync } from 'node:child_process';
import { env, execPath, exit } from 'node:process';

/** Each fault, and the tests or the bench that commit it; on loopback, each bounded by its own time. */
const TESTS: readonly (readonly [fault: string, ...files: string[]])[] = [
  ['kill -9 with commands in flight', 'test/cli/serve-killed-deploys.test.ts'],
  ['a registry that never answers', 'test/trigger/black-hole.test.ts'],
  ['clock steps', 'test/trigger/set-clock.test.ts', 'test/trigger/schedule.test.ts'],
  ['unreadable moments', 'test/local/request-inbox.test.ts', 'test/cli/serve-unreadable-status.test.ts'],
  ['damaged files', 'test/cli/damaged-files.test.ts'],
  ['half-open floods', 'test/trigger/senders-share.test.ts'],
  ['64 descriptors', 'test/cli/few-descriptors.test.ts'],
];
const BENCHES = ['black-hole', 'get-events'];
const BOUND_MS = 20 * 60 * 1000;

function run(args: readonly string[]): { readonly ok: boolean; readonly text: string } {
  const { status, stdout } = spawnSync(execPath, args, { encoding: 'utf8', timeout: BOUND_MS, env });
  return { ok: status === 0, text: stdout };
}

let missed = 0;
function tell(fault: string, got: string, ok: boolean): void {
  if (!ok) missed += 1;
  console.log(`${ok ? 'held  ' : 'MISSED'}  ${fault}: wanted 0 failures, got ${got}`);
}

for (const [fault, ...files] of TESTS) {
  const flags = ['--test', '--import', './test/support/must-end.ts', '--test-timeout=1000000'];
  const { ok, text } = run([...flags, ...files]);
  const counts = /pass (\d+)[\s\S]*?fail (\d+)/.exec(text);
  tell(fault, `${counts?.[2] ?? '?'} (${counts?.[1] ?? '?'} tests passed)`, ok);
}
for (const name of BENCHES) {
  const { ok, text } = run(['bench/run.ts', name, '--json']);
  console.log(text.split('\n{')[0]);
  const failures = text.match(/"met": false/g)?.length ?? 0;
  tell(name, ok ? `${failures}` : 'no answer', ok && failures === 0);
}
exit(missed === 0 ? 0 : 1);
