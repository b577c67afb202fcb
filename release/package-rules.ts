import type { LockedPackage } from './lockfile.ts';

/** Packages that want to run something when they are installed, and why it is not needed: npm is told not to. */
export const INSTALL_SCRIPTS: Readonly<Record<string, string>> = {
  esbuild:
    'its script only looks whether the package of this machine’s binary is there; `allowScripts` of package.json says false',
};

/** Licenses that ask for no more than to be named. */
const LICENSES: ReadonlySet<string> = new Set([
  ...['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'MIT-0', 'Zlib'],
]);

/** Any of them may be chosen where there is an "OR"; all of them count where there is an "AND". */
const isFree = (license: string): boolean =>
  license
    .replace(/^\(|\)$/g, '')
    .split(' OR ')
    .some((one) => one.split(' AND ').every((each) => LICENSES.has(each)));

/** What is wrong with a tree of packages, a sentence each. */
export function packageFaults(packages: Iterable<LockedPackage>): readonly string[] {
  const faults: string[] = [];
  for (const { path, name, license, integrity, hasInstallScript } of packages) {
    if (hasInstallScript && INSTALL_SCRIPTS[name] === undefined)
      faults.push(`${path} runs a script when it is installed`);
    // What lies inside a package says nothing in the lockfile: its own package has its license.
    if (license === undefined ? integrity !== undefined : !isFree(license))
      faults.push(`${path} has the license ${license ?? 'nothing'}`);
  }
  return faults;
}
