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
  'aws/request': [],
  'deploy/kinds': ['aws/request', 'oci', 'glob', 'model', 'registry', 'store', 'event', 'credentials'],
  notify: NOTIFYING,
  source: [...NOTIFYING, 'unpack', 'deploy/kinds', 'notify', 'verify'],
  trigger: ['oci', 'glob', 'model', 'registry', 'resolve', 'source', 'credentials'],
  compose: COMPOSING,
  reconcile: [...COMPOSING, 'registry', 'resolve', 'event', 'compose', 'verify'],
  deploy: ['oci', 'glob', 'model', 'store', 'event', 'source', 'credentials', 'deploy/kinds'],
  aws: [
    'aws/request',
    'oci',
    'model',
    'notify',
    'store',
    'source',
    'credentials',
    'trigger',
    'deploy',
    'deploy/kinds',
  ],
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

/** Where a file belongs: kinds of deploys, and what they are made of, are below the documents that name them, and what signs requests to AWS below those. */
const folderIn = (file: string): string => {
  const [, folder = '', inner = ''] = file.split('/');
  if (folder === 'aws' && inner === 'request') return 'aws/request';
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

test('no two folders beside each other import each other, wherever they are', () => {
  const imports = new Set<string>();
  for (const file of FILES.filter((name) => !/^(?:test|bench|examples)\//.test(name)))
    for (const specifier of importsOf(file).filter((name) => name.startsWith('.')))
      imports.add(`${dirname(file)} ${dirname(targetOf(file, specifier))}`);
  const isInside = (one: string, other: string): boolean => `${one}/`.startsWith(`${other}/`);
  const both = [...imports].filter((pair) => {
    const [from = '', to = ''] = pair.split(' ');
    return from < to && !isInside(from, to) && !isInside(to, from) && imports.has(`${to} ${from}`);
  });
  assert.deepEqual(both, []);
});

test('the way of a webhook to its event is no longer than ARCHITECTURE.md says, and leads from file to file', () => {
  const [, way = ''] =
    /^From a webhook to its event on Lambda, .*?: (.*?)\. What looks once more/ms.exec(
      readFileSync('ARCHITECTURE.md', 'utf8'),
    ) ?? [];
  const files = [...way.matchAll(/`([a-z/-]+\.ts)`/g)].map(([, name = '']) =>
    FILES.includes(name) ? name : `shared/${name}`,
  );
  assert.ok(files.length > 15 && files.length <= 21, `${files.length} files`);
  const reached = new Set(['functions/lambda/receive.ts', 'functions/lambda/reconcile.ts']);
  for (const file of files) {
    assert.ok(reached.has(file), `${file} is imported by none of the files before it`);
    for (const specifier of importsOf(file)) reached.add(targetOf(file, specifier));
  }
});

test('functions/ has what both machines run, and what Lambda alone does is below it', () => {
  const runs = (file: string, folders: RegExp): boolean =>
    FILES.some(
      (name) => folders.test(name) && importsOf(name).some((specifier) => targetOf(name, specifier) === file),
    );
  // What stands in a queue is read here by scripts of those who operate it, too.
  const stays = 'functions/queue-work.ts';
  for (const file of FILES.filter((name) => /^functions\/[a-z-]+\.ts$/.test(name) && name !== stays)) {
    assert.ok(runs(file, /^functions\/lambda\//), `${file} is not run on Lambda`);
    assert.ok(runs(file, /^(?:local|cli)\//), `${file} is not run on one machine`);
  }
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
