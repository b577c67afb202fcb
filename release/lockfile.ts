import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One package as package-lock.json fixes it. */
export interface LockedPackage {
  /** `node_modules/a/node_modules/b`. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  /** `sha512-BASE64`; undefined for what lies inside another package, whose own integrity counts. */
  readonly integrity: string | undefined;
  /** As its package.json says, an expression of SPDX. */
  readonly license: string | undefined;
  readonly hasInstallScript: boolean;
}

interface LockEntry {
  readonly version?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly hasInstallScript?: boolean;
  readonly inBundle?: boolean;
  readonly link?: boolean;
}

const FOLDER = 'node_modules/';
const nameOf = (path: string): string => path.slice(path.lastIndexOf(FOLDER) + FOLDER.length);

/** Every package that npm installs for a checkout, by its path; workspaces are none. Throws where one is not fixed. */
export function readLockfile(root: string): ReadonlyMap<string, LockedPackage> {
  const text = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const { packages } = JSON.parse(text) as { readonly packages: Readonly<Record<string, LockEntry>> };
  const locked = new Map<string, LockedPackage>();
  for (const [path, entry] of Object.entries(packages)) {
    if (!path.includes(FOLDER) || entry.link === true) continue;
    const { version, integrity, license, hasInstallScript = false, inBundle = false } = entry;
    if (version === undefined || (integrity?.startsWith('sha512-') !== true && !inBundle))
      throw new Error(`${path} of package-lock.json has no version and sha512`);
    locked.set(path, { path, name: nameOf(path), version, integrity, license, hasInstallScript });
  }
  return locked;
}

/** The package that a bundled file is of; undefined: it is our own. Behind a link, packages lie in a folder above. */
export const packageOf = (input: string): string | undefined =>
  /(?:^|\/)(node_modules\/(?:@[^/]+\/)?[^/]+(?:\/node_modules\/(?:@[^/]+\/)?[^/]+)*)\//.exec(input)?.[1];
