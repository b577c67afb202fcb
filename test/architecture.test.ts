import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';

/** Which files alone may import a package. */
const PACKAGES: readonly (readonly [pkg: RegExp, allowed: RegExp])[] = [
  [/^@aws-sdk\//, /^(shared\/aws\/sdk\/|test\/|bench\/|shared\/deploy\/[a-z-]+\/[a-z-]*client\.ts$)/],
  [
    /^(aws-cdk-lib|constructs)/,
    /^(infra|library|release|test\/infra|test\/release|examples\/aws|examples\/own-kind)\//,
  ],
  [/^undici$/, /^(shared\/(registry|deploy|notify)|test|bench)\//],
  [/^isomorphic-git$/, /^(shared\/deploy\/git|test\/deploy\/git)\//],
  [/^nodemailer$/, /^(shared\/notify\/providers\/smtp-client\.ts$|test\/)/],
  [/^tar-stream$/, /^(test|bench|examples)\//],
  [/^(semver|re2js)$/, /^(shared\/resolve|test|bench)\//],
  [
    /^yaml$/,
    /^(shared\/source\/|shared\/deploy\/(stack|kubernetes)\/|shared\/(?:pack\/helm|compose)\/|shared\/credentials\/docker\/kubernetes-secret\.ts$|test\/)/,
  ],
  [/^ignore$/, /^(shared\/(unpack|pack)|test)\//],
  [/^croner$/, /^(shared\/source\/deploy-window\.ts$|test\/)/],
  [/^commander$/, /^(cli|test)\//],
  [/^esbuild$/, /^(cli\/(bundle|bundle-options)\.ts$|infra\/|release\/|test\/)/],
  [/^(@sigstore\/|tuf-js)/, /^(shared\/verify|test\/verify|test\/fuzz\/targets)\//],
  [/^jose$/, /^(shared\/trigger\/jwt|test)\//],
  [/^(?:@hono\/|hono)/, /^console\//],
];

const COMPOSING = ['oci', 'model', 'unpack', 'store', 'source'];
const NOTIFYING = ['oci', 'glob', 'model', 'registry', 'resolve', 'store', 'event', 'credentials'];
/** Folder by folder, what it may import besides itself. The rest of shared/ is not in sight of it. */
const SIGHT: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  oci: [],
  glob: [],
  model: ['oci'],
  registry: ['oci'],
  resolve: ['oci', 'registry'],
  unpack: ['oci', 'model'],
  pack: ['oci', 'registry', 'resolve', 'unpack', 'model'],
  copy: ['oci', 'registry', 'unpack'],
  diff: ['event'],
  store: ['oci', 'model'],
  event: ['oci', 'model', 'store'],
  verify: ['oci', 'glob', 'model', 'registry', 'resolve'],
  credentials: ['oci', 'glob', 'registry'],
  'deploy/kinds': ['oci', 'glob', 'model', 'registry', 'store', 'event', 'credentials'],
  notify: NOTIFYING,
  source: [...NOTIFYING, 'unpack', 'deploy/kinds', 'notify', 'verify'],
  trigger: ['oci', 'glob', 'model', 'registry', 'resolve', 'source', 'credentials'],
  compose: COMPOSING,
  reconcile: [...COMPOSING, 'registry', 'resolve', 'event', 'compose', 'verify'],
  deploy: ['oci', 'glob', 'model', 'store', 'event', 'source', 'credentials', 'deploy/kinds'],
  aws: ['oci', 'model', 'notify', 'store', 'source', 'credentials', 'trigger', 'deploy', 'deploy/kinds'],
};

/** Folder by folder in shared/aws, what it may import of the others. */
const AWS_SIGHT: Readonly<Record<string, readonly string[]>> = {
  request: [],
  s3: ['request'],
  sdk: ['request', 's3'],
  credentials: ['request', 'sdk'],
  messages: ['request', 'sdk'],
  configuration: ['request', 's3'],
};

/** Where a file belongs: kinds of deploys, and what they are made of, are below the documents that name them. */
const folderIn = (file: string): string => {
  const [, folder = '', inner = ''] = file.split('/');
  if (folder !== 'deploy' || inner.includes('.')) return folder;
  return ['ledger', 'visit'].includes(inner) ? 'deploy' : 'deploy/kinds';
};

/** What stands in shared/ itself, and the kernel: everything may use it. */
const COMMON = /^shared\/(?:(?:kernel|limits)\/)?[a-z-]+\.ts$/;

const IMPORT = /^\s*(?:import|export)\s[^;]*?from\s+'([^']+)'|import\('([^']+)'\)/gm;

const importsOf = (file: string): readonly string[] =>
  [...readFileSync(file, 'utf8').matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? '');

const targetOf = (file: string, specifier: string): string => normalize(join(dirname(file), specifier));

const FILES = globSync(
  '{aws-stand-ins,bench,cli,console,embedded-registry,examples,functions,infra,library,local,release,shared,test}/**/*.ts',
).sort();

test('there are files to look at', () => {
  assert.ok(FILES.length > 100, `${FILES.length} files`);
});

test('packages are imported only where they belong', () => {
  for (const file of FILES) {
    for (const specifier of importsOf(file)) {
      for (const [pkg, allowed] of PACKAGES) {
        if (pkg.test(specifier)) assert.match(file, allowed, `${file} imports ${specifier}`);
      }
    }
  }
});

test('imports in shared/ are those of the map', () => {
  for (const file of FILES.filter((name) => name.startsWith('shared/'))) {
    const folder = folderIn(file);
    if (COMMON.test(file) && folder !== 'kernel') continue;
    const seen = SIGHT[folder];
    assert.ok(seen, `shared/${folder} is not on the map of this test`);
    for (const specifier of importsOf(file).filter((name) => name.startsWith('.'))) {
      const target = targetOf(file, specifier);
      const targetFolder = folderIn(target);
      const isFine = COMMON.test(target) || targetFolder === folder || seen.includes(targetFolder);
      assert.ok(isFine && target.startsWith('shared/'), `${file} imports ${target}`);
    }
  }
});

test('ARCHITECTURE.md has the map', () => {
  const rows = readFileSync('ARCHITECTURE.md', 'utf8').matchAll(
    /^\| `shared\/([a-z/-]+)` \|.*\| ([^|]+) \|$/gm,
  );
  const told = [...rows].map(([, folder, list = '']) => [folder, list.match(/[a-z/-]+/g) ?? []] as const);
  const sorted = (map: Iterable<readonly [string | undefined, readonly string[]]>) =>
    Object.fromEntries([...map].map(([folder, seen]) => [folder, seen.toSorted()]));
  assert.deepEqual(sorted(told), sorted(Object.entries(SIGHT)));
});

test('no two folders of shared/ import each other', () => {
  const above = (folder: string, seen: ReadonlySet<string>): readonly string[] =>
    (SIGHT[folder] ?? []).flatMap((each) =>
      seen.has(each) ? [each] : [each, ...above(each, new Set([...seen, each]))],
    );
  for (const folder of Object.keys(SIGHT)) assert.ok(!above(folder, new Set()).includes(folder), folder);
});

test('the embedded registry is for tests, the demo and benches, and sees nouns alone', () => {
  for (const file of FILES.filter((name) => name.startsWith('embedded-registry/'))) {
    for (const specifier of importsOf(file).filter((name) => name.startsWith('.')))
      assert.match(
        targetOf(file, specifier),
        /^(embedded-registry|shared\/(oci|kernel)|shared)\/[a-z-]+\.ts$|^embedded-registry\//,
        file,
      );
  }
  for (const file of FILES.filter((name) => /^(shared|functions|local|cli|infra)\//.test(name)))
    for (const specifier of importsOf(file))
      assert.doesNotMatch(specifier, /(embedded-registry|aws-stand-ins)\//, file);
});

test('the stand-ins of AWS see the kernel alone', () => {
  for (const file of FILES.filter((name) => name.startsWith('aws-stand-ins/')))
    for (const specifier of importsOf(file).filter((name) => name.startsWith('.')))
      assert.match(targetOf(file, specifier), /^(aws-stand-ins\/|shared\/kernel\/)/, file);
});

test('imports in shared/aws point one way', () => {
  for (const file of FILES.filter((name) => /^shared\/aws\/.*\//.test(name))) {
    const folder = file.split('/')[2] ?? '';
    const seen = AWS_SIGHT[folder];
    assert.ok(seen, `shared/aws/${folder} is not on the map of this test`);
    for (const specifier of importsOf(file).filter((name) => name.startsWith('.'))) {
      const [top, area, targetFolder = ''] = targetOf(file, specifier).split('/');
      if (top !== 'shared' || area !== 'aws' || targetFolder === folder) continue;
      assert.ok(seen.includes(targetFolder), `${file} imports ${targetOf(file, specifier)}`);
    }
  }
});

test('functions, commands and infrastructure are imported by nothing in shared/', () => {
  for (const file of FILES.filter((name) => /^(shared|functions)\//.test(name))) {
    for (const specifier of importsOf(file).filter((name) => name.startsWith('.'))) {
      assert.doesNotMatch(
        targetOf(file, specifier),
        /^(cli|local|infra|library|release|test|bench|examples)\//,
        `${file} imports ${specifier}`,
      );
    }
  }
});

test('keys of the store are made in one place', () => {
  const literal = /['"`](?:artifacts|sources|deploys)\//;
  for (const file of FILES.filter(
    (name) => /^(shared|functions|cli)\//.test(name) && name !== 'shared/store/layout.ts',
  )) {
    assert.doesNotMatch(readFileSync(file, 'utf8'), literal, `${file} spells out a key`);
  }
});

test('no file is over 300 lines', () => {
  for (const file of FILES) {
    const lines = readFileSync(file, 'utf8').split('\n').length;
    assert.ok(lines <= 301, `${file} has ${lines} lines`);
  }
});

/** What runs at users. */
const PRODUCTION = FILES.filter((name) =>
  /^(cli|console|embedded-registry|functions|infra|local|shared)\//.test(name),
);

test('objects are written plainly: a literal that is spread hides a misspelt key from the compiler', () => {
  for (const file of [...PRODUCTION, ...FILES.filter((name) => /^(bench|examples)\//.test(name))])
    assert.doesNotMatch(readFileSync(file, 'utf8'), /\.\.\.\{/, `${file} spreads a literal`);
});

test('no promise is let go that nobody holds: its failure would end the process in silence', () => {
  // What its run does not hold is a fault of our own, which is to be seen.
  const known = ['shared/trigger/coalescing-queue.ts', 'shared/trigger/host-turns.ts'];
  for (const file of PRODUCTION.filter((name) => !known.includes(name)))
    assert.doesNotMatch(
      readFileSync(file, 'utf8'),
      /^\s*void (?!0)[^;]*\(/m,
      `${file}: use background() of shared/kernel, or catch it`,
    );
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
