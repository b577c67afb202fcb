import { type LockedPackage, packageOf } from './lockfile.ts';

/** In a package, and beside it in a release. */
export const BILL = 'landfall.cdx.json';

/** @see https://github.com/package-url/purl-spec/blob/main/types-doc/npm-definition.md */
export const purlOf = ({ name, version }: Pick<LockedPackage, 'name' | 'version'>): string =>
  `pkg:npm/${name.replace('@', '%40')}@${version}`;

/** In hex, of what the lockfile has in base64. */
export const sha512Of = (integrity: string): string =>
  Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex');

/** One identifier of SPDX, or an expression of several. */
const licensesOf = (license: string | undefined) =>
  license === undefined
    ? []
    : [/[ (]/.test(license) ? { expression: license } : { license: { id: license } }];

function componentOf(locked: LockedPackage) {
  const { name, version, integrity, license } = locked;
  const purl = purlOf(locked);
  const [group, own] = name.startsWith('@') ? name.split('/') : [undefined, name];
  return {
    type: 'library',
    'bom-ref': purl,
    ...(group !== undefined && { group }),
    name: own ?? name,
    version,
    scope: 'required',
    ...(integrity !== undefined && { hashes: [{ alg: 'SHA-512', content: sha512Of(integrity) }] }),
    licenses: licensesOf(license),
    purl,
  };
}

/**
 * The packages that bundles are made of, as CycloneDX has it: the same for the same bundles.
 * @param inputs files that esbuild read for them; `beside`, names of packages that npm installs beside them
 * @see https://cyclonedx.org/docs/1.6/json/
 * @throws Error where a bundle has a package that the lockfile does not fix
 */
export function billOfMaterials(
  {
    version,
    inputs,
    beside,
  }: { readonly version: string; readonly inputs: readonly string[]; readonly beside: readonly string[] },
  lockfile: ReadonlyMap<string, LockedPackage>,
) {
  const paths = new Set([
    ...inputs.flatMap((input) => packageOf(input) ?? []),
    ...beside.map((name) => `node_modules/${name}`),
  ]);
  const components = [...paths].toSorted().map((path) => {
    const locked = lockfile.get(path);
    if (locked === undefined) throw new Error(`a bundle has ${path}, which package-lock.json does not fix`);
    return componentOf(locked);
  });
  const root = purlOf({ name: 'landfall', version });
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': root,
        name: 'landfall',
        version,
        purl: root,
        licenses: licensesOf('Apache-2.0'),
      },
    },
    components,
    dependencies: [{ ref: root, dependsOn: [...new Set(components.map(({ purl }) => purl))] }],
  };
}
