import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  MANIFEST,
  MANIFEST_DIGEST,
  type Script,
  sendManifest,
  startScripted,
} from '../../registry/scripted-registry.ts';
import { landfall } from '../../support/cli.ts';

const headless: Script = ({ method }, response) =>
  method === 'HEAD' ? void response.writeHead(405).end() : void response.writeHead(200).end(MANIFEST);
const silent: Script = (_, response) => void response.writeHead(200).end(MANIFEST);

const CASES: readonly (readonly [what: string, script: Script, methods: readonly string[], code: number])[] =
  [
    ['claims the digest', sendManifest, ['HEAD'], 0],
    ['has no HEAD', headless, ['HEAD', 'GET'], 0],
    ['claims nothing', silent, ['HEAD', 'GET'], 0],
  ];
for (const [what, script, methods, code] of CASES) {
  test(`resolve of a digest asks a registry that ${what} with ${methods.join(' and ')}`, async (t) => {
    const registry = await startScripted(t, script);
    const { repository } = registry;
    const url = `oci://${repository.registry}/${repository.repository}@${MANIFEST_DIGEST}`;
    assert.equal((await landfall(['resolve', url, '--plain-http'])).code, code);
    assert.deepEqual(
      registry.seen.map(({ method }) => method),
      methods,
    );
  });
}
