import { writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';
import type { CodeFile } from '../network/code-file.ts';
import { BUNDLE_OPTIONS } from './bundle-options.ts';

/** Where this package is, wherever the app that uses it runs. */
const PACKAGE_ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const MODULES = join(PACKAGE_ROOT, 'functions', 'lambda');

/** The code of a function that begins in this module of functions/lambda, or in a file of yours (an absolute path), with these files beside it. NodejsFunction itself bundles into one file only. */
export const bundledCode = (module: string, files: readonly CodeFile[] = []): Code =>
  Code.fromAsset(MODULES, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Bundles are made here, in this process. The CDK tells them apart by the command.
      image: DockerImage.fromRegistry('none'),
      command: [module, ...files.map(({ digest }) => digest)],
      local: {
        tryBundle: (outdir) => {
          const entryPoints = [isAbsolute(module) ? module : join(MODULES, `${module}.ts`)];
          buildSync({ ...BUNDLE_OPTIONS, entryPoints, outdir, absWorkingDir: PACKAGE_ROOT });
          for (const { name, text } of files) writeFileSync(join(outdir, name), text);
          return true;
        },
      },
    },
  });
