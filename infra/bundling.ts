import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BundlingOptions, Charset, LogLevel, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';

/** Where this package is, wherever the app that uses it runs. */
export const PACKAGE_ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

/** The module that a function of the app begins in. */
export const entryOf = (name: string): string => join(PACKAGE_ROOT, 'functions', 'lambda', `${name}.ts`);

/**
 * One ES module a function; what it has of a package is in it. Packages written for CommonJS ask for
 * `require`. No compile cache is shipped: V8 refuses one that another processor made, and Lambda's is arm64.
 */
export const BUNDLING: BundlingOptions = {
  format: OutputFormat.ESM,
  target: 'node24',
  mainFields: ['module', 'main'],
  minify: true,
  bundleAwsSDK: true,
  externalModules: [],
  // Long names: esbuild does not look here when it makes short ones.
  banner: [
    "import{createRequire as landfallCreateRequire}from'node:module';",
    'const require=landfallCreateRequire(import.meta.url);',
  ].join(''),
  charset: Charset.UTF8,
  logLevel: LogLevel.WARNING,
};
