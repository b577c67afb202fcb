import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { arch } from 'node:os';
import { basename, join } from 'node:path';
import { VERSION } from '../shared/version.ts';
import { BILL, type billOfMaterials, purlOf } from './bill-of-materials.ts';
import { writeTemplate } from './cloudformation/write-template.ts';
import { buildExecutable } from './executable/build-executable.ts';
import { buildImage } from './image/build-image.ts';
import { type LockedPackage, readLockfile } from './lockfile.ts';
import { provenanceOf } from './provenance.ts';

/** What the bundles were made of, as `npm run build` has just said. */
function bundledPackages(root: string): readonly LockedPackage[] {
  const text = readFileSync(join(root, 'build', BILL), 'utf8');
  const { components } = JSON.parse(text) as ReturnType<typeof billOfMaterials>;
  const purls = new Set(components.map(({ purl }) => purl));
  return [...readLockfile(root).values()].filter(
    (locked) => locked.integrity !== undefined && purls.has(purlOf(locked)),
  );
}

/** Makes all that a version is handed out as, in `build/release`: see docs/upgrade.md. */
async function release(root: string): Promise<void> {
  const to = join(root, 'build/release');
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', to], {
    cwd: root,
    stdio: 'inherit',
  });
  await buildExecutable(root, join(to, `landfall-${VERSION}-linux-${arch()}`));
  await writeTemplate(root, join(to, 'cloudformation'));
  const image = join(to, 'image');
  buildImage(root, image);
  execFileSync('tar', ['-C', image, '-cf', join(to, `landfall-${VERSION}-image-linux-${arch()}.tar`), '.']);
  rmSync(image, { recursive: true });
  for (const path of globSync(join(root, 'release/packaging/*'))) cpSync(path, join(to, basename(path)));
  cpSync(join(root, 'build', BILL), join(to, `landfall-${VERSION}.cdx.json`));
  const statement = provenanceOf(root, to, bundledPackages(root));
  writeFileSync(join(to, `landfall-${VERSION}.provenance.json`), `${JSON.stringify(statement, null, 1)}\n`);
}

await release(join(import.meta.dirname, '..'));
