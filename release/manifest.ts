import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Exported {
  readonly types: string;
  readonly default: string;
}

/** What package.json says of the package that is made. */
export interface Manifest {
  readonly version: string;
  /** What npm puts beside it, and what has to be there: all else is in its own files. */
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Exported>>;
}

export const packageManifest = (root: string): Manifest =>
  JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;

/** What its modules may import. */
export const packagesBeside = ({ dependencies, peerDependencies }: Manifest): readonly string[] =>
  Object.keys({ ...dependencies, ...peerDependencies });

/** What can be imported of it: modules with their types. */
export const exportedModules = ({ exports }: Manifest): readonly Exported[] =>
  Object.values(exports).flatMap((each) => (typeof each === 'string' ? [] : [each]));
