import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { digestOf } from '../../shared/oci/digest.ts';
import { OCI_CONFIG, OCI_LAYER, OCI_MANIFEST } from '../../shared/oci/media-types.ts';
import { resolveLink } from '../../shared/unpack/entry-path.ts';
import { writeLayout } from '../support/oci-layout.ts';
import { directory, file, symlink, tar } from '../support/tar-builder.ts';
import { skipWithout } from '../support/tool.ts';
import { artifact, unpackArtifact } from '../support/unpack-artifact.ts';

/** What a layer does to one path. Folders in between are always named, as every builder of images does. */
type Change = 'file' | 'directory' | 'symlink' | 'remove' | 'opaque' | 'replace';

const path = fc
  .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 })
  .map((names) => names.join('/'));
const change = fc.constantFrom<Change>(
  'file',
  'file',
  'file',
  'directory',
  'symlink',
  'remove',
  'opaque',
  'replace',
);
const layers = fc.array(fc.array(fc.tuple(path, change), { minLength: 1, maxLength: 6 }), {
  minLength: 2,
  maxLength: 4,
});

const parentsOf = (of: string): string[] =>
  of
    .split('/')
    .map((_, at, names) => names.slice(0, at).join('/'))
    .slice(1);
const whiteout = (of: string): Buffer => file(of.replace(/[^/]*$/, '.wh.$&'), '');

/** Entries in an order every reader agrees on: folders before what is in them, whiteouts before what replaces them. */
function entriesOf(changes: readonly (readonly [string, Change])[], layer: number): Buffer[] {
  const leaves = new Map<string, Change>();
  for (const [of, what] of changes) {
    const isFolder = what !== 'file' && what !== 'symlink';
    const clash = [...leaves].some(
      ([other, its]) =>
        (parentsOf(of).includes(other) && (its === 'file' || its === 'symlink' || its === 'remove')) ||
        (parentsOf(other).includes(of) && (!isFolder || what === 'remove')),
    );
    if (!clash && !leaves.has(of)) leaves.set(of, what);
  }
  const folders = new Set([...leaves.keys()].flatMap(parentsOf));
  for (const [of, what] of leaves) if (['directory', 'opaque', 'replace'].includes(what)) folders.add(of);
  const every = [...new Set([...folders, ...leaves.keys()])].sort();
  return every.flatMap((of) => {
    const what = leaves.get(of);
    if (what === 'remove') return [whiteout(of)];
    if (what === 'file') return [file(of, `${of} of layer ${layer}`)];
    if (what === 'symlink') return [symlink(of, 'b')];
    const entries = what === 'replace' ? [whiteout(of), directory(of)] : [directory(of)];
    return what === 'opaque' ? [...entries, file(`${of}/.wh..wh..opq`, '')] : entries;
  });
}

interface Listing {
  readonly files: Record<string, string>;
  readonly links: Record<string, string>;
}

/** readdir's own recursion would follow links. */
function listingOf(root: string, folder = '', listing: Listing = { files: {}, links: {} }): Listing {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const name = join(folder, entry.name);
    if (entry.isDirectory()) listingOf(root, name, listing);
    else if (entry.isFile()) listing.files[name] = readFileSync(join(root, name), 'utf8');
    else listing.links[name] = resolveLink(name, readlinkSync(join(root, name)), 'symlink') ?? 'leaves';
  }
  return listing;
}

function unpackWithUmoci(dir: string, tars: readonly Buffer[]): Listing {
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: tars.map((bytes) => digestOf(bytes)) },
    }),
  );
  const describe = (mediaType: string, bytes: Buffer) => ({
    mediaType,
    digest: digestOf(bytes),
    size: bytes.length,
  });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: describe(OCI_CONFIG, config),
      layers: tars.map((bytes) => describe(OCI_LAYER, bytes)),
    }),
  );
  const image = join(dir, 'image');
  writeLayout(image, { manifest, mediaType: OCI_MANIFEST, blobs: [config, ...tars], tag: 'v1' });
  const root = join(dir, 'root');
  const run = spawnSync('umoci', ['raw', 'unpack', '--rootless', '--image', `${image}:v1`, root], {
    encoding: 'utf8',
  });
  assert.equal(run.status, 0, run.stderr);
  return listingOf(root);
}

test('the union is what umoci unpacks', {
  skip: skipWithout(['umoci'], 'the union against umoci'),
}, async () => {
  await fc.assert(
    fc.asyncProperty(layers, async (given) => {
      const tars = given.map((changes, at) => tar(...entriesOf(changes, at)));
      const ours = await unpackArtifact(artifact(tars.map((bytes) => ({ mediaType: OCI_LAYER, bytes }))));
      const dir = mkdtempSync(join(tmpdir(), 'landfall-umoci-'));
      try {
        const theirs = unpackWithUmoci(dir, tars);
        assert.deepEqual({ files: ours.texts, links: ours.targets }, theirs);
      } finally {
        rmSync(dir, { recursive: true, force: true });
      }
    }),
    { numRuns: 40 },
  );
});
