import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';
import { BUNDLE_OPTIONS } from './bundle-options.ts';

/** Where this package is, wherever the app that uses it runs. */
const PACKAGE_ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const MODULES = join(PACKAGE_ROOT, 'functions', 'lambda');

/** The code of a function that begins in this module of functions/lambda. NodejsFunction itself bundles into one file only. */
export const bundledCode = (module: string): Code =>
  Code.fromAsset(MODULES, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Bundles are made here, in this process. The CDK tells them apart by the command.
      image: DockerImage.fromRegistry('none'),
      command: [module],
      local: {
        tryBundle: (outdir) => {
          const entryPoints = [join(MODULES, `${module}.ts`)];
          buildSync({ ...BUNDLE_OPTIONS, entryPoints, outdir, absWorkingDir: PACKAGE_ROOT });
          return true;
        },
      },
    },
  });
