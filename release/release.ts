import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, rmSync } from 'node:fs';
import { arch } from 'node:os';
import { basename, join } from 'node:path';
import { VERSION } from '../shared/version.ts';
import { writeTemplate } from './cloudformation/write-template.ts';
import { buildExecutable } from './executable/build-executable.ts';
import { buildImage } from './image/build-image.ts';

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
}

await release(join(import.meta.dirname, '..'));
