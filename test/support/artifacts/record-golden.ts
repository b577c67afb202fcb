/**
 * Records what a program pushed to a registry on loopback, for the suite of machines that have not the program:
 *
 *   bin/with-node test/support/artifacts/record-golden.ts NAME http://127.0.0.1:5000/REPOSITORY:TAG "TOOL VERSION" "COMMAND"
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { digestOf } from '../../../shared/oci/digest.ts';
import { GOLDEN, type GoldenArtifact, type GoldenManifest } from './golden-artifact.ts';

const ACCEPT = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ');

interface Named {
  readonly digest: string;
}

interface Manifest {
  readonly config?: Named;
  readonly layers?: readonly Named[];
  readonly manifests?: readonly Named[];
}

const [name = '', where = '', tool = '', command = ''] = process.argv.slice(2);
const [, registry = '', repository = '', tag = ''] =
  /^(https?:\/\/[^/]+)\/(.+):([^:/]+)$/.exec(where) ?? assert.fail(`no http://HOST/REPOSITORY:TAG: ${where}`);
const manifests: GoldenManifest[] = [];
const blobs: Record<string, string> = {};

async function get(path: string): Promise<{ readonly type: string; readonly bytes: Buffer }> {
  const answer = await fetch(`${registry}/v2/${repository}/${path}`, { headers: { accept: ACCEPT } });
  assert.equal(answer.status, 200, path);
  return { type: answer.headers.get('content-type') ?? '', bytes: Buffer.from(await answer.arrayBuffer()) };
}

async function record(reference: string): Promise<void> {
  const { type, bytes } = await get(`manifests/${reference}`);
  const { config, layers = [], manifests: children = [] } = JSON.parse(bytes.toString()) as Manifest;
  for (const { digest } of children) await record(digest);
  for (const { digest } of config === undefined ? layers : [config, ...layers])
    blobs[digest] = (await get(`blobs/${digest}`)).bytes.toString('base64');
  manifests.push({ mediaType: type, digest: digestOf(bytes), bytes: bytes.toString('base64') });
}

await record(tag);
const golden: GoldenArtifact = { tool, command, manifests, blobs };
writeFileSync(new URL(`${name}.json`, GOLDEN), `${JSON.stringify(golden, undefined, 2)}\n`);
