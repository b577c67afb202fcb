import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

/** What runs at users. */
const PRODUCTION = globSync('{cli,console,embedded-registry,functions,infra,local,shared}/**/*.ts').sort();

test('objects are written plainly: a literal that is spread hides a misspelt key from the compiler', () => {
  for (const file of [...PRODUCTION, ...globSync('{bench,examples}/**/*.ts')])
    assert.doesNotMatch(readFileSync(file, 'utf8'), /\.\.\.\{/, `${file} spreads a literal`);
});

test('no promise is let go that nobody holds: its failure would end the process in silence', () => {
  // What its run does not hold is a fault of our own, which is to be seen.
  const known = ['shared/trigger/coalescing-queue.ts', 'shared/trigger/host-turns.ts'];
  for (const file of PRODUCTION.filter((name) => !known.includes(name))) {
    const text = readFileSync(file, 'utf8');
    const says = `${file}: use background() of shared/kernel, or catch it`;
    assert.doesNotMatch(text, /^\s*void (?!0)[^;]*\(/m, says);
    // Elsewhere in a line it may be of what is no promise.
    const asynchronous = [...text.matchAll(/\basync (?:function )?(#?\w+)\(|\bconst (\w+) = async\b/g)];
    for (const [, method, constant] of asynchronous)
      assert.doesNotMatch(text, new RegExp(`\\bvoid (?:this\\.)?${method ?? constant}\\(`), says);
  }
});

/** Modules of one port, which are told apart by their files; and a schema that is named for its key. */
const SHARED_NAMES: ReadonlySet<string> = new Set(['define', 'handler', 'deploy']);
const EXPORT = /^export (?:async )?(?:function\*?|const|class|interface|type) (\w+)/gm;

test('no two exports of one name', () => {
  const homes = new Map<string, string>();
  for (const file of PRODUCTION.filter((name) => !name.startsWith('embedded-registry/'))) {
    const names = [...readFileSync(file, 'utf8').matchAll(EXPORT)].map(([, name = '']) => name);
    for (const name of new Set(names)) {
      if (SHARED_NAMES.has(name)) continue;
      assert.equal(homes.get(name), undefined, `${name} is exported by ${homes.get(name)} and ${file}`);
      homes.set(name, file);
    }
  }
});

/**
 * Constants that are named as limits are, and are none: nobody who sends us something meets them. A format's own sizes;
 * buffers and pieces; caches, which forget; what is shown of more.
 */
const NO_LIMITS: ReadonlySet<string> = new Set([
  ...[
    'BLOCK_BYTES',
    'BLOCK_HEADER_BYTES',
    'CHECKSUM_BYTES',
    'DICTIONARY_ID_BYTES',
    'HEADER_BYTES',
    'INT64_BYTES',
  ],
  ...['MAGIC_BYTES', 'MARK_BYTES', 'NAME_BYTES', 'PREFIX_BYTES', 'SKIPPABLE_HEADER_BYTES', 'UINT64_MAX'],
  ...['HASH_CHARACTERS', 'NAME_CHARACTERS', 'READABLE_CHARACTERS', 'WINDOW_BYTES'],
  ...['CHUNK_BYTES', 'DRAIN_BYTES', 'HEAD_BYTES', 'HOLD_BYTES', 'LEARN_BYTES', 'PARTS_BYTES', 'PART_BYTES'],
  ...['PIECE_BYTES', 'READ_BYTES', 'SLAB_BYTES', 'SYNCHRONOUS_BYTES', 'WHOLE_BYTES', 'BATCH_BYTES'],
  ...['KEPT_MAXIMUM', 'MAX_ENDPOINTS', 'MAX_HOSTS', 'MAX_SCOPES', 'MAX_TOKENS'],
  ...['EXCERPT_CHARACTERS', 'MAX_NAMES', 'SHOWN_CHARACTERS'],
]);

test('limits are in shared/limits.ts, or behind it', () => {
  const named =
    /^(?:export )?const ((?:\w+_)?(?:BYTES|CHARACTERS|DEPTH|MAX|MAXIMUM|TIMEOUT_MS)|MAX_\w+) = /gm;
  for (const file of PRODUCTION.filter(
    (name) => !/^(embedded-registry\/|infra\/|shared\/limits(?:\.ts|\/))/.test(name),
  ))
    for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(named))
      assert.ok(NO_LIMITS.has(name), `${file} has ${name}: a limit that users meet goes to shared/limits.ts`);
});

test('how long a list or a text of a document may be is a limit by its name', () => {
  // The largest port is a port's own size.
  const written = /\.(?:max|maxLength)\((?!65_535)\d[\d_]+[),]/g;
  for (const file of PRODUCTION.filter((name) => name.startsWith('shared/')))
    assert.deepEqual([...readFileSync(file, 'utf8').matchAll(written)].flat(), [], file);
});

/** Ideas that the kernel has, by how they look where they are written once more; and where alone they may be. */
const ONCE: readonly (readonly [idea: string, looks: RegExp, at: RegExp])[] = [
  ['JSON is read by parseJson', /JSON\.parse\(/, /^shared\/(kernel\/json|oci\/strict-json)\.ts$/],
  [
    'a JSON object is told by isObject',
    /=== 'object' &&\s+\w+ !== null &&\s+!Array\.isArray\(/,
    /^shared\/kernel\/json\.ts$/,
  ],
  [
    'an error is told on by its with()',
    /new LandfallError\(\s*(?:error|cause|failure)\.code,/,
    /^shared\/errors\.ts$/,
  ],
  ['a wait between tries is one of the table', /\* 2 \*\* /, /^shared\/kernel\/backoff\.ts$/],
  [
    'what the signal ended is cancelled()',
    /'CANCELLED', `?[^`]*was cancelled/,
    /^shared\/kernel\/cancelled\.ts$/,
  ],
  [
    'a race against a signal is abortable()',
    /reject\(signal\.reason\)/,
    /^shared\/(kernel\/abortable|clock)\.ts$/,
  ],
  [
    'what a thrown value says is messageOf()',
    /instanceof Error \? \w+\.message : String\(/,
    /^shared\/errors\.ts$/,
  ],
  [
    'what a command writes is escaped by cli/terminal, but for bytes that are asked for, and lines that are made of what is',
    /\b(?:stdout|stderr|stream)\.write\(/,
    /^cli\/(?:terminal\/|run\.ts|commands\/(?:fsck|help|import|inspect|status)\.ts|options\/output-options\.ts)|^functions\/lambda\/lambda-log\.ts|^infra\/app\.ts|^shared\/deploy\/command\/command-deploy\.ts/,
  ],
  ['an alarm is defined in infra/alarms.ts', /\bnew Alarm\(|\.createAlarm\(/, /^infra\/alarms\.ts$/],
];
for (const [idea, looks, at] of ONCE)
  test(`${idea}, and by nothing else`, () => {
    const found = PRODUCTION.filter((file) => looks.test(readFileSync(file, 'utf8')));
    assert.ok(found.some((file) => at.test(file)) || idea.includes('with()'), `${at} is not there any more`);
    assert.deepEqual(
      found.filter((file) => !at.test(file)),
      [],
    );
  });

/** `{a,b}.ts`: `a.ts` and `b.ts`. */
const expanded = (pattern: string): readonly string[] => {
  const [whole, list = ''] = /\{([^}]+)\}/.exec(pattern) ?? [];
  return whole === undefined ? [pattern] : list.split(',').map((each) => pattern.replace(whole, each));
};

test('what check:fast leaves out is there', () => {
  const named = [...readFileSync('test/run-fast.ts', 'utf8').matchAll(/'(test\/[^']*\{?[^']*)'/g)];
  const patterns = named.flatMap(([, pattern = '']) => expanded(pattern));
  assert.ok(patterns.length > 15, `${patterns.length} patterns`);
  for (const pattern of patterns) assert.ok(globSync(pattern).length > 0, `${pattern} is not there any more`);
});
