import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openS3Store } from '../../../shared/aws/s3/store/store.ts';
import { newLedger, writeLedger } from '../../../shared/deploy/ledger/ledger.ts';
import { documentKey, fileKey, filesPrefix, statusKey } from '../../../shared/store/layout.ts';
import { readPage, sectionOf } from '../../docs/markdown.ts';
import { ACCOUNT, environmentOf } from '../../support/aws-server/aws-client-for.ts';
import { awsServerFor } from '../../support/aws-server/aws-server.ts';
import { folderFor, landfall } from '../../support/cli.ts';
import { openWorld } from '../../support/stores/memory-sources.ts';
import type { AccessRequest } from '../../support/template-host/iam-policy.ts';
import { s3Requests } from '../../support/template-host/stack-access.ts';
import { s3For } from '../support/s3.ts';

const HOUR_MS = 60 * 60 * 1000;
const SITE = { namespace: 'web', name: 'site' };
const PERSON = 'arn:aws:iam::123456789012:role/person';
const SECTION = sectionOf(readPage('docs/aws.md'), 'Who may do what') ?? [];
/** Commands of the guide's table, and what it says they take: the first row what all do. */
const ROWS = SECTION.filter((line) => /^\| `.*`s3:/.test(line)).map((line) => {
  const [, commands = '', rights = ''] = line.split('|');
  return { commands: [...commands.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name), rights };
});

/** Whether rights as `s3:PutObject` on `sources/*` give this. */
function isGiven({ action, resource }: AccessRequest, rights: readonly string[]): boolean {
  const key = resource.replace(/^arn:aws:s3:::landfall\/?/, '');
  return rights.some((text) =>
    text.split(';').some((each) => {
      const [prefix] = /(?<= on `)[a-z/]+(?=\*`)/.exec(each) ?? [''];
      return each.includes(`\`${action}\``) && key.startsWith(prefix);
    }),
  );
}

interface Deployed {
  /** Types a command of the table. */
  run(command: string): Promise<number | null>;
  /** Allows this from now on, and no more. */
  give(rights: readonly string[]): void;
}

/** A bucket in which two revisions of a source have landed, and one of a source that is gone since. */
async function deployed(t: TestContext): Promise<Deployed> {
  let given: readonly string[] | undefined;
  const allows = (each: AccessRequest): boolean => given === undefined || isGiven(each, given);
  const { server, root } = await s3For(t, {
    now: () => Date.now() - 2 * HOUR_MS,
    policy: { allows: (operation, request) => s3Requests(operation, request, PERSON).every(allows) },
  });
  const sqs = await awsServerFor(t, Date.now);
  Object.assign(process.env, environmentOf(server.url), { AWS_ENDPOINT_URL_SQS: sqs.url });
  const store = await openS3Store(root);
  const world = openWorld(store);
  for (const text of ['1', '2', '3']) {
    world.push('latest', { 'app.yaml': text });
    assert.equal((await world.look()).outcome, 'committed');
    // What landed first is named by no status then.
    if (text === '1') await store.objects.delete([statusKey(SITE)]);
  }
  const { current, history } = await world.status();
  assert.ok(current);
  const broken = { bytes: Buffer.from('x'), etag: '"x"', sha256: undefined, contentType: 'x' };
  const ledger = newLedger({ ...SITE, deploy: 'live' });
  await writeLedger(store.objects, ledger, { ledger, version: undefined });
  const [one, two] = [await folderFor(t), await folderFor(t)];
  await writeFile(join(one, 'a.yaml'), 'sources:\n  - { name: site, url: oci://r.example/site }\n');
  await writeFile(join(two, 'b.yaml'), 'sources:\n  - { name: app, url: oci://r.example/app }\n');
  const [id, key, initiated] = ['left', `${filesPrefix(current)}left`, Date.now() - 2 * HOUR_MS];
  server.bucket().uploads.set(id, { id, key, initiated, contentType: 'x', parts: new Map() });
  server.bucket().put(documentKey('old.yaml'), { ...broken, bytes: Buffer.from('sources: []\n') });
  const queue = ['--queue', `${sqs.url}/${ACCOUNT}/q.fifo`];
  const lines: Readonly<Record<string, readonly string[]>> = {
    ...{ apply: ['apply', '-f', one], 'apply --prune': ['apply', '-f', two, '--prune'] },
    ...{ status: ['status', 'web/site'], history: ['history', 'web/site'] },
    ...{ suspend: ['suspend', 'web/site'], resume: ['resume', 'web/site'] },
    rollback: ['rollback', 'web/site', '--to', String(history[0]?.digest)],
    reconcile: ['reconcile', 'web/site', ...queue],
    replay: ['replay', 'web/site', '--deploy', 'live', ...queue],
    collect: ['collect', '--grace', '1h'],
  };
  return {
    give: (rights) => {
      given = rights;
    },
    run: async (command) => {
      if (command === 'fsck --repair') server.bucket().put(fileKey(current, 'app.yaml'), broken);
      const line = lines[command] ?? command.split(' ');
      return (await landfall([...line, '--store', 's3://landfall'])).code;
    },
  };
}

const [reading, ...writing] = ROWS;

for (const { commands, rights } of ROWS) {
  test(`${commands} need no more of the bucket than the guide says`, async (t) => {
    const { give, run } = await deployed(t);
    for (const command of commands) {
      give([reading?.rights ?? '', rights]);
      assert.equal(await run(command), 0, command);
    }
  });
}

for (const { commands, rights } of writing) {
  for (const [at, part] of rights.split(';').entries()) {
    test(`${commands} need what the guide says: ${part.trim()}`, async (t) => {
      const { give, run } = await deployed(t);
      const ended = [];
      for (const command of commands) {
        give([reading?.rights ?? '', rights]);
        if (command === 'resume') await run('suspend');
        give([reading?.rights ?? '', rights.split(';').toSpliced(at, 1).join(';')]);
        ended.push(await run(command));
      }
      assert.ok(!ended.includes(0), `${commands}: ${ended}`);
    });
  }
}

test('the guide has all commands that take a bucket', () => {
  assert.deepEqual(
    ROWS.flatMap(({ commands }) => commands).toSorted(),
    [
      ...[
        'apply',
        'apply --prune',
        'collect',
        'fsck',
        'fsck --repair',
        'get artifacts',
        'get deploys',
        'get events',
      ],
      ...['get sources', 'history', 'reconcile', 'replay', 'resume', 'rollback', 'status', 'suspend'],
    ].toSorted(),
  );
});
