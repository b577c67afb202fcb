import { mkdirSync } from 'node:fs';
import { appendFile, readFile, readlink, rm, symlink } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { noteDeploy } from '../../../examples/own-kind/note-deploy.ts';
import { commandDeploy } from '../../../shared/deploy/command/command-deploy.ts';
import { directoryDeploy } from '../../../shared/deploy/directory/directory-deploy.ts';
import { httpDeploy } from '../../../shared/deploy/http/http-deploy.ts';
import type { DeployDeps } from '../../../shared/deploy/visit/deploy-request.ts';
import { type ContestedSubject, contestedKindSuite } from '../../conformance/contested-kind.ts';
import {
  answeredKindSuite,
  deployKindSuite,
  type OpenKind,
  readingKindSuite,
} from '../../conformance/deploy-kind.ts';
import { gatedKind } from '../../support/deploys/gated-kind.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const files = (generation: number) => ({ 'a.txt': String(generation) });

async function folderFor(t: TestContext): Promise<string> {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  return folder.path;
}

/** Artifacts are folders there. */
const artifactsIn =
  (root: string): DeployDeps['locationOf'] =>
  ({ digest }) => {
    const directory = join(root, digest.slice('sha256:'.length));
    mkdirSync(directory, { recursive: true });
    return { in: 'directory', directory };
  };

const linesOf = async (file: string): Promise<readonly string[]> => {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
};

const openDirectory: OpenKind<ContestedSubject> = async (t) => {
  const root = await folderFor(t);
  const target = join(root, 'live');
  return {
    kindFor: gatedKind(directoryDeploy),
    settings: { target },
    locationOf: artifactsIn(root),
    files,
    reads: 'a.txt',
    current: () => readlink(target).catch(() => undefined),
    wanted: ({ digest }) => join(root, digest.slice('sha256:'.length)),
    taken: () => 0,
    others: {
      shows: root,
      act: async () => {
        await rm(target, { force: true });
        await symlink(root, target);
      },
    },
  };
};

deployKindSuite('directory', openDirectory);
readingKindSuite('directory', openDirectory);
contestedKindSuite('directory', openDirectory);

const openCommand: OpenKind<ContestedSubject> = async (t) => {
  const root = await folderFor(t);
  const [out, hang] = [join(root, 'out'), join(root, 'hang')];
  const script = `echo "$LANDFALL_DIGEST" >> "${out}"; test ! -e "${hang}" || exec sleep 60`;
  return {
    kindFor: gatedKind(commandDeploy({ graceMs: 200 })),
    settings: { command: ['sh', '-c', script] },
    locationOf: artifactsIn(root),
    files,
    reads: 'a.txt',
    current: async () => (await linesOf(out)).at(-1),
    wanted: ({ digest }) => digest,
    // A command that was killed is run again: what it did twice has to be once.
    taken: async () => new Set(await linesOf(out)).size,
    silence: () => mkdirSync(hang),
    others: { shows: 'theirs', act: () => appendFile(out, 'theirs\n') },
  };
};

deployKindSuite('command', openCommand);
answeredKindSuite('command', openCommand);
readingKindSuite('command', openCommand);
contestedKindSuite('command', openCommand);

async function serverFor(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
}

const openHttp: OpenKind<ContestedSubject> = async (t) => {
  const posted: { readonly id: string; readonly digest: string }[] = [];
  let isSilent = false;
  const url = await serverFor(t, async (request, response) => {
    const event = JSON.parse(Buffer.concat(await request.toArray()).toString()) as Record<string, unknown>;
    const { digest } = event['data'] as { readonly digest: string };
    posted.push({ id: String(event['id']), digest });
    if (!isSilent) response.writeHead(202).end();
  });
  return {
    kindFor: gatedKind(httpDeploy),
    settings: { url },
    files,
    current: () => posted.at(-1)?.digest,
    wanted: ({ digest }) => digest,
    taken: () => new Set(posted.map(({ id }) => id)).size,
    silence: () => {
      isSilent = true;
    },
    others: {
      shows: 'theirs',
      act: () => {
        posted.push({ id: 'theirs', digest: 'theirs' });
      },
    },
  };
};

deployKindSuite('http', openHttp);
answeredKindSuite('http', openHttp);
contestedKindSuite('http', openHttp);

deployKindSuite('a kind of a team’s own', async (t) => {
  const file = join(await folderFor(t), 'notes');
  const digestOf = (line: string): string => /sha256:[0-9a-f]{64}/.exec(line)?.[0] ?? '';
  return {
    kindFor: gatedKind(noteDeploy),
    settings: { file },
    files,
    current: async () => digestOf((await linesOf(file)).at(-1) ?? ''),
    wanted: ({ digest }) => digest,
    taken: async () => new Set((await linesOf(file)).map(digestOf)).size,
  };
});
