import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { isLandfallError } from '../../../shared/errors.ts';
import { OCI_LAYER } from '../../../shared/oci/media-types.ts';
import { directory, file, hardlink, symlink, tar } from '../../support/artifacts/tar-builder.ts';
import { type Listing, unpackWithUmoci } from '../../support/artifacts/umoci-unpack.ts';
import { artifact, unpackArtifact } from '../../support/artifacts/unpack-artifact.ts';
import { skipWithout } from '../../support/programs/tool.ts';

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

type Entry = Change | 'through' | 'hardlink' | 'absolute' | 'climb';

const LINK_TARGETS = ['b', '/a', 'a/b', '../c', '/', '../../a/c', 'nowhere', '/a/../b', 'a/c/../../b', '.'];

const hostileLayers = fc.array(
  fc.array(
    fc.record({
      path,
      what: fc.constantFrom<Exclude<Entry, Change> | 'file' | 'directory' | 'symlink' | 'remove' | 'opaque'>(
        'file',
        'file',
        'through',
        'through',
        'directory',
        'symlink',
        'symlink',
        'hardlink',
        'remove',
        'opaque',
        'absolute',
        'climb',
      ),
      other: path,
      target: fc.constantFrom(...LINK_TARGETS),
    }),
    { minLength: 1, maxLength: 7 },
  ),
  { minLength: 1, maxLength: 4 },
);

type HostileLayers = typeof hostileLayers extends fc.Arbitrary<infer T> ? T : never;

/** In any order, each path any number of times, through whatever is there. */
const hostileTar = (entries: HostileLayers[number], layer: number): Buffer =>
  tar(
    ...entries.map(({ path: of, what, other, target }, at) => {
      const body = `${at} of layer ${layer}`;
      switch (what) {
        case 'directory':
          return directory(of);
        case 'symlink':
          return symlink(of, target);
        case 'hardlink':
          return hardlink(of, at % 2 === 0 ? other : `/${other}`);
        case 'remove':
          return whiteout(of);
        case 'opaque':
          return file(`${of}/.wh..wh..opq`, '');
        case 'absolute':
          return file(`/${of}`, body);
        case 'climb':
          return file(`x/../${of}`, body);
        default:
          return file(what === 'through' ? `${of}/${other}` : of, body);
      }
    }),
  );

async function ourListing(tars: readonly Buffer[]): Promise<Listing | undefined> {
  try {
    const image = artifact(tars.map((bytes) => ({ mediaType: OCI_LAYER, bytes })));
    const { texts, targets, folders = [] } = await unpackArtifact(image);
    return { files: texts, links: targets, folders: [...folders] };
  } catch (error) {
    if (isLandfallError(error)) return undefined;
    throw error;
  }
}

/** An empty folder is told alike on both sides; one that holds links only is none. */
const comparable = (listing: Listing | undefined): unknown =>
  listing && { ...listing, folders: listing.folders.sort() };

function theirListing(tars: readonly Buffer[]): Listing | undefined {
  const dir = mkdtempSync(join(tmpdir(), 'landfall-umoci-'));
  try {
    return unpackWithUmoci(dir, tars);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const UMOCI = { skip: skipWithout(['umoci'], 'the union against umoci') };

test('the union is what umoci unpacks', UMOCI, async () => {
  await fc.assert(
    fc.asyncProperty(layers, async (given) => {
      const tars = given.map((changes, at) => tar(...entriesOf(changes, at)));
      const theirs = theirListing(tars);
      assert.ok(theirs);
      assert.deepEqual(comparable(await ourListing(tars)), comparable(theirs));
    }),
    { numRuns: 40 },
  );
});

test(
  'an image of links, whiteouts, duplicates and hard links in any order is what umoci unpacks',
  UMOCI,
  async () => {
    await fc.assert(
      fc.asyncProperty(hostileLayers, async (given) => {
        const tars = given.map(hostileTar);
        assert.deepEqual(comparable(await ourListing(tars)), comparable(theirListing(tars)));
      }),
      {
        numRuns: Number(process.env['UMOCI_RUNS'] ?? 60),
        // A link that leads back out of a folder that is not there: nothing of that folder is made.
        examples: [
          [
            [
              [
                { path: 'c', what: 'symlink', other: 'a', target: '/a/../b' },
                { path: 'c/a', what: 'file', other: 'a', target: 'b' },
              ],
            ],
          ],
          // A link that leads back out of a file, and out of what is not there below one.
          ...['/a/../b', '/a/x/../../b'].map((target): [HostileLayers] => [
            [
              [
                { path: 'a', what: 'file', other: 'a', target: 'b' },
                { path: 'c', what: 'symlink', other: 'a', target },
                { path: 'c/a', what: 'file', other: 'a', target: 'b' },
              ],
            ],
          ]),
        ],
      },
    );
  },
);
