import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertRefused, landfall, landfallProcess, type Wanted } from '../../support/cli.ts';

const COMMANDS = [
  ['serve'],
  ['validate'],
  ['apply'],
  ['explain'],
  ['receivers'],
  ['receivers', 'test'],
  ['resolve'],
  ['tags'],
  ['pull'],
  ['push'],
  ['diff'],
  ['get', 'sources'],
  ['get', 'artifacts'],
  ['get', 'deploys'],
  ['get', 'events'],
  ['status'],
  ['history'],
  ['reconcile'],
  ['suspend'],
  ['resume'],
  ['rollback'],
  ['replay'],
  ['fsck'],
  ['collect'],
] as const;

test('--help lists every command, with something to try', async () => {
  const { code, stdout, stderr } = await landfallProcess(['--help']);
  assert.equal(code, 0);
  assert.equal(stderr, '');
  for (const [command] of COMMANDS) assert.match(stdout, new RegExp(`^ {2}${command} `, 'm'));
  assert.match(stdout, /^ {2}landfall pull oci:\/\//m);
  assert.match(stdout, /Exit codes: 0 done, 1 it failed/);
});

for (const command of COMMANDS) {
  const name = command.join(' ');
  test(`${name} --help shows its options and an example`, async () => {
    const { code, stdout } = await landfall([...command, '--help']);
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`^Usage: landfall ${name} `));
    assert.match(stdout, /--json/);
    assert.match(stdout, new RegExp(`^ {2}landfall ${name}`, 'm'));
    assert.doesNotMatch(stdout, /default: (?:\[\]|"")/, 'a default that says nothing');
  });
}

const LINES: readonly {
  readonly argv: readonly string[];
  readonly says: RegExp;
  readonly next: RegExp;
}[] = [
  { argv: ['pul'], says: /unknown command 'pul'\n.*Did you mean pull/s, next: /landfall --help$/ },
  {
    argv: ['resolve', 'oci://a/b', '--semvre', 'x'],
    says: /unknown option '--semvre'\n.*Did you mean --semver/s,
    next: /landfall resolve --help$/,
  },
  {
    argv: ['pull', 'oci://localhost/a'],
    says: /required option '-o, --output <dir>' not specified/,
    next: /landfall pull --help$/,
  },
  {
    argv: ['pull', 'oci://localhost/a', '--outptu', 'x'],
    says: /unknown option '--outptu'\n.*Did you mean --output/s,
    next: /landfall pull --help$/,
  },
  { argv: ['resolve'], says: /missing required argument 'url'/, next: /landfall resolve --help$/ },
  { argv: ['serve'], says: /required option '-f, --file <path>'/, next: /landfall serve --help$/ },
  { argv: ['explain', 'app'], says: /required option '-f, --file <path>'/, next: /landfall explain --help$/ },
  { argv: ['get', 'things'], says: /unknown command 'things'/, next: /landfall get --help$/ },
  {
    argv: ['receivers', 'test'],
    says: /missing required argument 'name'/,
    next: /landfall receivers test --help$/,
  },
];

for (const { argv, says, next } of LINES) {
  test(`refuses the line "${argv.join(' ')}" like every other error, and says whose help to read`, async () => {
    const refused = await landfall(argv);
    assertRefused(refused, { code: 'USAGE', exit: 2, says, next });
    assert.equal(refused.stdout, '');
  });
}

test('a command line that is none is a document with --json', async () => {
  const { code, stdout } = await landfall(['pull', 'oci://localhost/a', '--json']);
  assert.equal(code, 2);
  const { error } = JSON.parse(stdout) as { readonly error: Readonly<Record<string, unknown>> };
  assert.deepEqual([error['code'], error['hint']], ['USAGE', 'See: landfall pull --help']);
});

test('a hint names the command that was typed', async () => {
  const { stderr } = await landfall(['resolve', 'oci://a/b', '--order', 'newest']);
  assert.match(stderr, /next: See: landfall resolve --help$/m);
});

/** Nothing listens there: none of these may get so far. */
const URL = 'oci://127.0.0.1:1/team/app';
const PULL = ['pull', URL, '-o', 'never'];

interface Refused extends Wanted {
  readonly argv: readonly string[];
}

const CASES: Readonly<Record<string, Refused>> = {
  'a reference without a host': {
    argv: ['resolve', 'oci:///app'],
    code: 'REFERENCE_INVALID',
    says: /oci:\/\/\/app/,
    next: /./,
  },
  'a reference with capitals': {
    argv: ['resolve', 'oci://127.0.0.1:1/Team/app'],
    code: 'REFERENCE_INVALID',
    says: /Team\/app/,
    next: /./,
  },
  'a tag with a space': {
    argv: ['resolve', `${URL}:a b`],
    code: 'REFERENCE_INVALID',
    says: /a b/,
    next: /./,
  },
  'a digest that is none': {
    argv: ['resolve', `${URL}@sha256:abc`],
    code: 'DIGEST_INVALID',
    says: /sha256:abc/,
    next: /./,
  },
  'a URL with a password, which is not repeated': {
    argv: ['resolve', 'oci://bot:canary@127.0.0.1:1/team/app'],
    code: 'REFERENCE_INVALID',
    says: /carries a user or password before its host/,
    next: /--registry-creds/,
  },
  'a URL with a slash in its password, which is not repeated': {
    argv: ['resolve', 'oci://bot:can/canary@127.0.0.1:1/team/app'],
    code: 'REFERENCE_INVALID',
    says: /carries a user or password before its host/,
    next: /--registry-creds/,
  },
  'a URL with a password in the place of a source': {
    argv: ['replay', 'oci://bot:can/canary@127.0.0.1:1/team/app', '--deploy', 'live'],
    code: 'USAGE',
    says: /"oci:\/\/…" is not a source/,
    next: /landfall get sources/,
  },
  'a bucket with a key in its URL': {
    argv: ['get', 'sources', '--store', 's3://id:can/canary@bucket'],
    code: 'USAGE',
    says: /"s3:\/\/…" is not s3:\/\/BUCKET/,
    next: /./,
  },
  'a URL that is no oci://': {
    argv: ['resolve', 'http://127.0.0.1:1/team/app'],
    code: 'REFERENCE_INVALID',
    says: /http:/,
    next: /oci:\/\//,
  },
  'a range that is none': {
    argv: ['resolve', URL, '--semver', '>=six'],
    code: 'RANGE_INVALID',
    says: />=six/,
    next: /./,
  },
  'an expression that is none': {
    argv: ['resolve', URL, '--filter', '(', '--order', 'semver'],
    code: 'REGEX_INVALID',
    says: /"\("|missing/,
    next: /./,
  },
  'an expression that could backtrack': {
    argv: ['resolve', URL, '--filter', '(a)\\1', '--order', 'semver'],
    code: 'REGEX_INVALID',
    says: /\\+1/,
    next: /RE2/,
  },
  'an order that is none': {
    argv: ['resolve', URL, '--order', 'newest'],
    code: 'USAGE',
    says: /--order "newest" is none of semver, numerical, alphabetical/,
    next: /./,
  },
  'a tag beside a range': {
    argv: ['resolve', `${URL}:v1`, '--semver', '^1'],
    code: 'USAGE',
    says: /already names tag/,
    next: /Leave the tag or digest out/,
  },
  'a timeout that is none': {
    argv: [...PULL, '--timeout', 'soon'],
    code: 'USAGE',
    says: /--timeout: .*"soon"/,
    next: /--timeout 5m/,
  },
  'a mode that is none': {
    argv: [...PULL, '--mode', 'tar'],
    code: 'USAGE',
    says: /--mode "tar" is none of files, archive, none/,
    next: /./,
  },
  'a platform that is none': {
    argv: [...PULL, '--platform', 'linux'],
    code: 'CONFIG_INVALID',
    says: /linux/,
    next: /./,
  },
  'an address that is none': {
    argv: ['serve', '-f', 'package.json', '--listen', '5080'],
    code: 'USAGE',
    says: /--listen "5080" is not HOST:PORT/,
    next: /127\.0\.0\.1:5080/,
  },
  'an annotation that is none': {
    argv: ['push', 'docs', URL, '--annotation', 'x'],
    code: 'USAGE',
    says: /--annotation "x" is not key=value/,
    next: /./,
  },
  'a digest to push to': {
    argv: ['push', 'docs', `${URL}@sha256:${'a'.repeat(64)}`],
    code: 'USAGE',
    says: /makes its own digest/,
    next: /./,
  },
  'a folder to push that is not there': {
    argv: ['push', 'no-such-folder', URL],
    code: 'INPUT_UNREADABLE',
    exit: 1,
    says: /no-such-folder/,
    next: /./,
  },
  'a CA file that is not there': {
    argv: [...PULL, '--ca-file', 'no-such.pem'],
    code: 'CREDENTIAL_UNREADABLE',
    says: /no-such\.pem/,
    next: /./,
  },
};

for (const [name, { argv, ...wanted }] of Object.entries(CASES)) {
  test(`refuses ${name}, before anything is contacted`, async () => {
    const ended = await landfall([...argv, '--json']);
    assertRefused(ended, { exit: 2, ...wanted });
    assert.doesNotMatch(ended.stdout + ended.stderr, /canary/);
  });
}

const EMPTY: Readonly<Record<string, readonly string[]>> = {
  '--store': ['get', 'sources', '--store', ''],
  '--output': [...PULL.slice(0, 2), '-o', '', '--force'],
  dir: ['push', '', URL],
  '--listen': ['serve', '-f', 'package.json', '--listen', ''],
  '--file': ['serve', '-f', 'package.json', '-f', ''],
};
for (const [what, argv] of Object.entries(EMPTY)) {
  test(`an empty ${what} is a variable that is not set, not the folder one is in`, async () => {
    assertRefused(await landfall([...argv, '--json']), {
      code: 'USAGE',
      exit: 2,
      says: new RegExp(`USAGE: ${what} is empty`),
      next: /variable/,
    });
  });
}
