import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VERSION } from '../shared/version.ts';
import { purlOf, sha512Of } from './bill-of-materials.ts';
import type { LockedPackage } from './lockfile.ts';

const sha256Of = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

/** Undefined where it is no checkout of git, and where something in it is not committed: that is no revision. */
function revisionOf(root: string): string | undefined {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', root, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    return git('status', '--porcelain', '--untracked-files=no') === '' ? git('rev-parse', 'HEAD') : undefined;
  } catch {
    return undefined;
  }
}

/** Every file below a folder, in byte order of path. */
const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .toSorted();

/**
 * What a release was made of: a statement of in-toto with the hash of each of its files, of the revision, and of each package that
 * is bundled. It is not signed: whoever hands a release out does that.
 * @see https://slsa.dev/spec/v1.1/provenance
 */
export function provenanceOf(root: string, folder: string, packages: readonly LockedPackage[]) {
  const revision = revisionOf(root);
  const lockfile = {
    name: 'package-lock.json',
    digest: { sha256: sha256Of(join(root, 'package-lock.json')) },
  };
  const source = revision === undefined ? [] : [{ name: 'source', digest: { gitCommit: revision } }];
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: filesIn(folder).map((name) => ({ name, digest: { sha256: sha256Of(join(folder, name)) } })),
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'urn:landfall:npm-run-release:v1',
        externalParameters: { version: VERSION },
        resolvedDependencies: [
          ...source,
          lockfile,
          ...packages.map((locked) => ({
            uri: purlOf(locked),
            digest: { sha512: sha512Of(locked.integrity ?? '') },
          })),
        ],
      },
      runDetails: { builder: { id: 'urn:landfall:checkout', version: { node: process.version } } },
    },
  };
}
