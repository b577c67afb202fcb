import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { commandDeploy } from '../../shared/deploy/command/command-deploy.ts';
import { httpDeploy } from '../../shared/deploy/http/http-deploy.ts';
import { kindsOf } from '../../shared/deploy/kinds/deploy-kinds.ts';
import { readRuns } from '../../shared/deploy/visit/run-history.ts';
import { LandfallError } from '../../shared/errors.ts';
import { providerFailure } from '../../shared/notify/providers/answer.ts';
import { entryOf, openDeployWorld } from '../deploy/deploy-world.ts';
import { withoutGit } from '../deploy/git/git-server.ts';
import { failed, openGit } from '../deploy/git/git-world.ts';
import { madeStack, stackWorld, TWO } from '../deploy/stack/stack-world.ts';
import { folderFor } from '../support/cli.ts';
import { assertDocument, assertOneLine, assertShown, HOSTILE_TEXT as TEXT } from '../support/hostile-text.ts';
import { ID } from '../support/stores/memory-sources.ts';
import { verified as keyless, scene as keylessScene, OURS } from '../verify/keyless-scene.ts';
import {
  envelopeOf,
  policyOf,
  pushEnvelope,
  scene,
  signer,
  verified,
  type Wanted,
} from '../verify/notation-scene.ts';
import { WORKFLOW } from '../verify/scaffold.ts';
import { pushBundle } from '../verify/signing.ts';

function assertError(error: unknown, where: string): void {
  assert.ok(error instanceof LandfallError, `${where}: ${error}`);
  assertShown(error.message, where);
  assertShown(error.hint ?? '', where);
}

const errorOf = async (work: Promise<unknown>): Promise<unknown> => {
  const [error] = await work.then(
    () => assert.fail('it succeeded'),
    (thrown: unknown) => [thrown],
  );
  return error;
};

describe('what a signature says forges and hides nothing', () => {
  for (const [what, identity] of [
    ['the subject of a certificate', { ...WORKFLOW, subject: TEXT.replaceAll('\ud800', '') }],
    ['the issuer of an identity', { ...WORKFLOW, issuer: TEXT.replaceAll('\ud800', '') }],
  ] as const)
    test(what, async () => {
      const at = keylessScene();
      pushBundle(at.registry, at.digest, await OURS.bundle(at.digest, identity));
      assertError(await errorOf(keyless(at)), what);
    });
  const text = TEXT.replaceAll('\ud800', '');
  const SIGNED: readonly (readonly [string, Wanted])[] = [
    ['a name of a certificate', { signer: signer({ name: `C=US, CN=${text}` }) }],
    ['a scheme', { header: { 'io.cncf.notary.signingScheme': text } }],
    ['a header that is to be known', { header: { crit: [text], [text]: 1 } }],
    ['a type of a payload', { header: { cty: text } }],
    ['an algorithm', { header: { alg: text } }],
    ['a time', { header: { 'io.cncf.notary.expiry': text, crit: ['io.cncf.notary.expiry'] } }],
    ['a payload', { payload: { targetArtifact: { mediaType: text, digest: text, size: text } } }],
    ['what is beside it', { unsigned: { [text]: text } }],
    ['what is outside of it', { outer: { [text]: text, protected: text } }],
  ];
  for (const [what, wanted] of SIGNED)
    test(what, async () => {
      const at = await scene();
      pushEnvelope(at, await envelopeOf(at, wanted));
      const error = await verified(at, policyOf()).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (error !== undefined) assertError(error, what);
    });
});

test('what is answered to a notification forges and hides nothing', () => {
  for (const status of [302, 400, 429, 503])
    for (const body of [TEXT, JSON.stringify({ [TEXT]: TEXT })]) {
      const error = providerFailure('slack', 'https://hooks.example/x', {
        status,
        headers: { 'retry-after': TEXT },
        body,
      });
      assertOneLine(error.message, `${status}`);
    }
});

describe('what a target of a deploy answers forges and hides nothing', () => {
  for (const status of [302, 400, 409, 503])
    test(`an endpoint that answers ${status}`, async (t) => {
      const server = createServer((_, response) =>
        response.writeHead(status, { 'retry-after': '1' }).end(TEXT),
      );
      await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
      t.after(() => void server.close());
      const { port } = server.address() as AddressInfo;
      const world = openDeployWorld();
      const entry = entryOf({
        kind: 'http',
        settings: { url: `http://127.0.0.1:${port}/`, plainHttp: true },
      });
      const outcome = await world.deploy(await world.land({ a: 'b' }), {
        entry,
        deps: { kinds: kindsOf([httpDeploy]) },
      });
      assert.ok(outcome.outcome === 'failed', outcome.outcome);
      assertError(outcome.error, 'the error');
    });

  test('a program', async (t) => {
    const folder = await folderFor(t);
    await writeFile(join(folder, 'says'), TEXT);
    const world = openDeployWorld();
    const entry = entryOf({ settings: { command: ['sh', '-c', 'cat says; cat says >&2; exit 1'] } });
    const outcome = await world.deploy(await world.land({ a: 'b' }), {
      entry,
      deps: { kinds: kindsOf([commandDeploy()]), locationOf: () => ({ in: 'directory', directory: folder }) },
    });
    assert.ok(outcome.outcome === 'failed');
    assertError(outcome.error, 'the error');
    assert.match(outcome.error.message, /it said: x\n {4}FORGED y/, 'lines are kept, further in');
    for (const { log, message } of await readRuns(world.store.objects, entry.name, ID)) {
      assertShown(message ?? '', 'the run');
      for (const { at, line } of log) assertOneLine(`${at}  ${line}`, 'the log');
    }
    for (const event of world.events()) assertDocument(JSON.stringify(event), event['detail-type']);
  });

  test('a stack', async (t) => {
    const world = await stackWorld(t);
    await madeStack(world);
    world.server.state.failing.set('Queue', { reason: TEXT });
    const { end } = await world.deploy({ resources: TWO, run: 2 });
    assert.ok(end.state === 'rolledBack');
    assertError(end.error, 'the error');
  });

  for (const [what, body, type] of [
    ['an error', `ERR ${TEXT}`, 'application/x-git-upload-pack-advertisement'],
    ['a page', TEXT, 'text/html; a\u0085\u009b'],
    ['names', `${'0'.repeat(40)} HEAD\0${TEXT}`, 'application/x-git-upload-pack-advertisement'],
  ] as const)
    test(`a repository that answers ${what}`, { skip: withoutGit }, async (t) => {
      const { step, server, log } = await openGit(t);
      server.onRequest = (_, response) => {
        const bytes = Buffer.from(body);
        const packet = Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes]);
        response.writeHead(200, { 'content-type': type }).end(packet);
        return true;
      };
      assertError(await failed(step({ a: '1' })), what);
      for (const line of log) assertOneLine(line, 'the log');
    });
});
