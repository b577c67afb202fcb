import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { LandfallError } from '../../shared/errors.ts';
import type { CodeFile } from '../network/code-file.ts';
import { BUNDLE_OPTIONS } from './bundle-options.ts';
import { BUNDLE_FOLDER, functionBundles, writeFiles } from './function-bundles.ts';

/** Of a checkout. */
const ROOT = join(import.meta.dirname, '..', '..');
const MODULES = join(ROOT, 'functions', 'lambda');

/** What makes a bundle of TypeScript: with us in a checkout, else with the app whose kinds of deploys it bundles. */
function esbuild(): Pick<typeof import('esbuild'), 'buildSync'> {
  try {
    return createRequire(import.meta.url)('esbuild');
  } catch (cause) {
    throw new LandfallError(
      'CONFIG_INVALID',
      'a function of your own has to be bundled, and esbuild is not there',
      {
        cause,
        hint: 'Run: npm i --save-dev esbuild',
      },
    );
  }
}

/** Puts the bundle of a module into a folder. */
function bundle(module: string, outdir: string): void {
  const built = functionBundles()?.[module];
  if (built !== undefined) {
    writeFiles(built, outdir);
    return;
  }
  const isYours = isAbsolute(module);
  const entryPoints = [isYours ? module : join(MODULES, `${module}.ts`)];
  const absWorkingDir = isYours ? dirname(module) : ROOT;
  esbuild().buildSync({ ...BUNDLE_OPTIONS, entryPoints, outdir, absWorkingDir });
}

/** The code of a function that begins in this module of functions/lambda, or in a file of yours (an absolute path), with these files beside it. NodejsFunction itself bundles into one file only. */
export const bundledCode = (module: string, files: readonly CodeFile[] = []): Code =>
  Code.fromAsset(functionBundles() === undefined ? MODULES : BUNDLE_FOLDER, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Bundles are made here, in this process. The CDK tells them apart by the command.
      image: DockerImage.fromRegistry('none'),
      command: [module, ...files.map(({ digest }) => digest)],
      local: {
        tryBundle: (outdir) => {
          bundle(module, outdir);
          for (const { name, text } of files) writeFileSync(join(outdir, name), text);
          return true;
        },
      },
    },
  });
