import { spawnSync } from 'node:child_process';
import { env, execPath, exit } from 'node:process';
import { parseArgs } from 'node:util';
import { ATTACKS, type Attack, FULL_SIZES, type Seen } from './support/attacks.ts';
import type { Figure } from './support/bench.ts';

const USAGE = `npm run check:attack [-- [--full] [NAME...]]

Commits every fault that Landfall is to hold against, on loopback, and prints what was attacked and what was seen.
Exits 1 where something did not hold. Names: ${ATTACKS.map(({ name }) => name).join(', ')}; default: all.
  --full   the sizes of docs/faults.md; takes about half an hour, a tenth of it without`;

const BOUND_MS = 30 * 60 * 1000;
const TEST_FLAGS = ['--test', '--test-reporter=tap', '--import', './test/support/must-end.ts'];

interface Ran {
  readonly ok: boolean;
  readonly text: string;
}

function run(args: readonly string[], sizes: Readonly<Record<string, string>> = {}): Ran {
  const { status, stdout } = spawnSync(execPath, args, {
    encoding: 'utf8',
    timeout: BOUND_MS,
    maxBuffer: 64 * 1024 * 1024,
    env: { ...env, ...sizes },
  });
  return { ok: status === 0, text: stdout };
}

/** What tests say of themselves by `t.diagnostic('seen: …')`, and how many held. */
function runTests({ tests }: Attack, full: boolean): readonly Seen[] {
  if (tests.length === 0) return [];
  const { ok, text } = run([...TEST_FLAGS, '--test-timeout=1500000', ...tests], full ? FULL_SIZES : {});
  const [, passed = '?'] = /^# pass (\d+)/m.exec(text) ?? [];
  const failed = [...text.matchAll(/^ *not ok \d+ - (.*)$/gm)].map(([, name]) => `FAILED: ${name}`);
  const told = [...text.matchAll(/^ *# seen: (.*)$/gm)].map(([, what = '']) => what);
  return [{ ok, what: [...told, ...failed, `${passed} tests held`].join('; ') }];
}

/** The figures of a bench. Smaller sizes show that it runs; what a figure is then, does not count. */
function runBench(name: string, full: boolean): readonly Seen[] {
  const { ok, text } = run(['bench/run.ts', name, '--json', ...(full ? [] : ['--quick'])]);
  if (!ok) return [{ ok, what: `${name}: no answer` }];
  const { sections } = JSON.parse(text.slice(text.indexOf('\n{'))) as {
    readonly sections: readonly { readonly figures: readonly Figure[] }[];
  };
  return sections
    .flatMap(({ figures }) => figures)
    .map(({ what, measured, target, met }) => ({
      ok: !full || met !== false,
      what: `${what}: ${measured}${target === undefined ? '' : ` (${target})`}`,
    }));
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { full: { type: 'boolean' }, help: { type: 'boolean' } },
});
const unknown = positionals.filter((name) => !ATTACKS.some((attack) => attack.name === name));
if (values.help === true || unknown.length > 0) {
  console.error(unknown.length > 0 ? `no attack ${unknown.join(', ')}\n\n${USAGE}` : USAGE);
  exit(unknown.length > 0 ? 2 : 0);
}

const full = values.full === true;
if (!full) console.log('sizes are about a tenth of what is named here, and no figure is judged: --full');
let missed = 0;
for (const attack of ATTACKS) {
  if (positionals.length > 0 && !positionals.includes(attack.name)) continue;
  const seen = [...runTests(attack, full), ...(attack.benches ?? []).flatMap((name) => runBench(name, full))];
  const held = seen.every(({ ok }) => ok);
  if (!held) missed += 1;
  console.log(`${held ? 'held  ' : 'MISSED'}  ${attack.name.padEnd(20)}  ${attack.about}`);
  for (const { ok, what } of seen) console.log(`${' '.repeat(30)}${ok ? '' : 'MISSED '}${what}`);
}
console.log(missed === 0 ? 'all held' : `${missed} MISSED`);
exit(missed === 0 ? 0 : 1);
