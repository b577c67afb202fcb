import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openRegistry } from '../../embedded-registry/test-registry.ts';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { assertRefused, documentOf, folderFor, landfall, landfallProcess } from '../../support/cli.ts';

test('push with the URL first says that the arguments are the other way round, and the right line', async (t) => {
  const folder = await folderFor(t);
  await mkdir(join(folder, 'my site'));
  const cases = [
    { argv: ['oci://ghcr.io/team/app:1', './v'], line: './v oci://ghcr.io/team/app:1' },
    { argv: ['https://ghcr.io/team/app:1', './v'], line: './v oci://ghcr.io/team/app:1' },
    { argv: ['ghcr.io/team/app:1', './my site'], line: "'./my site' oci://ghcr.io/team/app:1" },
  ];
  for (const { argv, line } of cases) {
    const ended = await landfallProcess(['push', ...argv, '--json'], { cwd: folder });
    assertRefused(ended, { code: 'USAGE', exit: 2, says: /the other way round/, next: /landfall push/ });
    const { error } = JSON.parse(ended.stdout) as { error: { hint: string } };
    assert.equal(error.hint, `Write: landfall push ${line}`);
  }
  const neither = await landfall(['push', './v', 'team/app', '--json']);
  assertRefused(neither, {
    code: 'REFERENCE_INVALID',
    exit: 2,
    says: /does not start with oci/,
    next: /Write oci:\/\/docker\.io\/team\/app for Docker Hub, else its registry first$/,
  });
});

test('pull with its folder as an argument is told the right line', async () => {
  for (const argv of [
    ['oci://ghcr.io/team/app:1', 'my app'],
    ['my app', 'oci://ghcr.io/team/app:1'],
  ]) {
    const ended = await landfall(['pull', ...argv]);
    assert.equal(ended.code, 2);
    assert.match(ended.stderr, /next: Write: landfall pull oci:\/\/ghcr\.io\/team\/app:1 -o 'my app'$/m);
  }
  for (const argv of [
    ['--semver', '^6', 'oci://ghcr.io/team/app'],
    ['oci://ghcr.io/team/app', '--json'],
    ['oci://bot:canary@ghcr.io/team/app', 'app'],
    ['app', 'oci://ghcr.io/team/app?token=canary'],
  ]) {
    const { stdout, stderr } = await landfall(['pull', ...argv]);
    assert.match(stdout + stderr, /See: landfall pull --help/);
    assert.doesNotMatch(stdout + stderr, /canary/);
  }
});

test('tag with a tag first says that the arguments are the other way round, and the right line', async () => {
  const cases = [
    { argv: ['stable', 'ghcr.io/team/app:1'], line: 'oci://ghcr.io/team/app:1 stable' },
    { argv: ['a', 'b', 'docker://ghcr.io/team/app:1'], line: 'oci://ghcr.io/team/app:1 a b' },
  ];
  for (const { argv, line } of cases) {
    const ended = await landfallProcess(['tag', ...argv, '--json']);
    assertRefused(ended, { code: 'USAGE', exit: 2, says: /the other way round/, next: /landfall tag/ });
    const { error } = JSON.parse(ended.stdout) as { error: { hint: string } };
    assert.equal(error.hint, `Write: landfall tag ${line}`);
  }
  const names = await landfallProcess(['tag', 'a', 'b', '--json']);
  assertRefused(names, {
    code: 'REFERENCE_INVALID',
    exit: 2,
    says: /"a"/,
    next: /docker\.io\/a for Docker Hub/,
  });
  const elsewhere = await landfallProcess(['tag', 'oci://a.example/x', 'oci://b.example/x', '--json']);
  assertRefused(elsewhere, { code: 'USAGE', exit: 2, says: /is no tag/, next: /landfall copy/ });
});

test('diff says that a side is neither artifact nor folder, and repeats no secret of it', async () => {
  const wanted = { code: 'USAGE', exit: 2 } as const;
  assertRefused(await landfall(['diff', './no-such-folder', '.', '--json']), {
    ...wanted,
    says: /no-such-folder is neither oci:\/\/… nor a folder/,
    next: /landfall diff --help/,
  });
  for (const [side, what] of [
    ['shop', 'a source'],
    ['team/shop', 'a source'],
    ['shop@1.2.0', 'a revision of a source'],
  ] as const)
    assertRefused(await landfall(['diff', side, '.', '--json']), {
      ...wanted,
      says: new RegExp(`${side} is neither`),
      next: new RegExp(`For ${what}, say in which store: --store`),
    });
  const secret = await landfall(['diff', 'https://bot:canary@ghcr.io/team/app', '.', '--json']);
  assertRefused(secret, { ...wanted, says: /is neither/, next: /./ });
  assert.doesNotMatch(secret.stdout + secret.stderr, /canary/);
});

test('a host that DNS does not know, and that looks like none, is asked about', async () => {
  const ended = await landfall(['resolve', 'oci://landfall-no-such-team/app:1', '--json']);
  assert.equal(ended.code, 1);
  assert.match(
    ended.stderr,
    /next: .* oci:\/\/docker\.io\/landfall-no-such-team\/… meant, or a host before it\?$/m,
  );
});

test('validate takes -f, and says that nothing is watched', async (t) => {
  const folder = await folderFor(t);
  const [some, none] = [join(folder, 'a.yaml'), join(folder, 'b.yaml')];
  await writeFile(some, 'sources: [{ name: app, url: "oci://r.example/app" }]\n');
  await writeFile(none, 'sources: []\n');
  for (const argv of [
    ['-f', some],
    ['--file', some, '-f', none],
    [none, '-f', some],
  ]) {
    const ended = await landfall(['validate', ...argv]);
    assert.deepEqual([ended.code, ended.stderr], [0, '']);
    assert.match(ended.stdout, /^valid: 1 sources/);
  }
  const nothing = await landfall(['validate', '-f', none]);
  assert.deepEqual(
    [nothing.code, nothing.stderr],
    [0, `note: nothing is watched: there is no source in ${none}\n`],
  );
  assertRefused(await landfall(['validate', '--json']), {
    code: 'USAGE',
    exit: 2,
    says: /missing required argument 'paths'/,
    next: /landfall validate --help$/,
  });
});

test('validate says where a program with a "/" is looked for', async (t) => {
  const file = join(await folderFor(t), 'a.yaml');
  const deploy = (name: string, command: string) =>
    `  - { name: ${name}, kind: command, source: app, command: [${command}] }\n`;
  await writeFile(
    file,
    `sources: [{ name: app, url: "oci://r.example/app" }]\ndeploys:\n${deploy('a', './deploy.sh')}${deploy('b', 'make')}${deploy('c', '/srv/x')}`,
  );
  const { notices } = documentOf<{ notices: readonly { place: string; message: string }[] }>(
    await landfall(['validate', file, '--json']),
  );
  assert.deepEqual(notices, [
    {
      place: `${file}:3:53`,
      message:
        'command "./deploy.sh" is looked for in the artifact; one of this machine is an absolute path, or a name on PATH',
    },
  ]);
});

test('get events of a source that the store does not know is SOURCE_NOT_FOUND, as status has it', async (t) => {
  const registry = await openRegistry(t);
  plantFiles(registry, 'v1', { a: '1' });
  const folder = await folderFor(t);
  const sources = join(folder, 'sources.yaml');
  await writeFile(
    sources,
    `sources: [{ name: app, url: "oci://${registry.host}/team/app", ref: { tag: v1 } }]\n`,
  );
  const store = ['--store', join(folder, 'store')];
  assert.equal((await landfall(['serve', '-f', sources, ...store, '--once', '--plain-http'])).code, 0);
  assert.equal((await landfall(['get', 'events', '--source', 'app', ...store])).code, 0);
  for (const argv of [
    ['get', 'events', '--source', 'web/nope'],
    ['status', 'web/nope'],
  ]) {
    const ended = await landfall([...argv, ...store, '--json']);
    assertRefused(ended, { code: 'SOURCE_NOT_FOUND', says: /web\/nope/, next: /landfall get sources/ });
  }
});

test('a --store that cannot be made is named with what is in the way', async (t) => {
  const folder = await folderFor(t);
  const sources = join(folder, 'sources.yaml');
  await writeFile(sources, 'sources: []\n');
  const wanted = { code: 'USAGE', exit: 2, next: /--store .*where one can be made/ } as const;
  for (const argv of [
    ['serve', '--once'],
    ['reconcile', 'app'],
  ]) {
    const run = (store: string) => landfall([...argv, '-f', sources, '--store', store, '--json']);
    assertRefused(await run(join(sources, 'store')), { ...wanted, says: /sources\.yaml is no folder$/m });
    assertRefused(await run(join(sources, 'a', 'store')), {
      ...wanted,
      says: /sources\.yaml is no folder$/m,
    });
    if (process.platform !== 'linux') continue;
    assertRefused(await run('/proc/landfall'), {
      ...wanted,
      says: /store \/proc\/landfall cannot be made: no folder can be made in \/proc \(ENOENT\)$/m,
    });
  }
  assert.deepEqual(await readdir(folder), ['sources.yaml']);
});

test('apply to a folder says first that it wants a bucket', async (t) => {
  const folder = await folderFor(t);
  const file = join(folder, 'a.yaml');
  await writeFile(file, 'credentials: [{ registry: r.example, username: u, password: { file: ./x } }]\n');
  assertRefused(await landfall(['apply', '-f', file, '--store', folder, '--json']), {
    code: 'USAGE',
    exit: 2,
    says: /is no bucket: apply wants s3:\/\/BUCKET$/m,
    next: /serve reads documents/,
  });
});
