import type { BuildOptions } from 'esbuild';

/**
 * Node's module as require has it. An ES module that imports it reads all that it exports, and with `WebSocket` loads
 * undici a second time: 11 ms, where a whole init takes 27 to 80.
 */
const HTTP = 'data:text/javascript,module.exports=process.getBuiltinModule("node:http")';

/**
 * One ES module a function, `index.mjs`, with what it has of a package in it. What it imports only when it is needed,
 * as the AWS SDK, lies beside it in files of its own: in one file all of it would be read at each start, and Node's
 * network modules be opened for it. Packages written for CommonJS ask for `require`. No compile cache is shipped: V8
 * refuses one that another processor made, and Lambda's is arm64.
 */
export const BUNDLE_OPTIONS = {
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  mainFields: ['module', 'main'],
  entryNames: 'index',
  chunkNames: '[name]-[hash]',
  outExtension: { '.js': '.mjs' },
  charset: 'utf8',
  alias: { http: HTTP, 'node:http': HTTP },
  logLevel: 'warning',
  // Long names: esbuild does not look here when it makes short ones.
  banner: {
    js: "import{createRequire as landfallCreateRequire}from'node:module';const require=landfallCreateRequire(import.meta.url);",
  },
} as const satisfies BuildOptions;
