import type { BuildOptions, Plugin } from 'esbuild';

/** What takes long to load and few commands use: TLS alone is 25 ms of a start. */
const LATER = /^node:(?:child_process|dns|http2|https|tls|worker_threads|zlib)$/;

/** A module whose parts are looked up when they are used. HTTP/2 is not spoken, but undici wants its constants at once, and hono asks whether a request is one of it. */
const textOf = (path: string): string =>
  path === 'node:http2'
    ? 'module.exports = { constants: {}, Http2ServerRequest: class {}, Http2ServerResponse: class {} };'
    : `module.exports = Object.create(new Proxy({}, { get: (_, name) => require('${path}')[name] }));`;

/** Node loads its own modules with whatever names them; so these are loaded with the first use of what is in them. */
const LOADED_WHEN_USED: Plugin = {
  name: 'loaded-when-used',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: LATER }, ({ path, namespace }) =>
      namespace === 'later' ? { path, external: true } : { path, namespace: 'later' },
    );
    onLoad({ filter: LATER, namespace: 'later' }, ({ path }) => ({ contents: textOf(path) }));
  },
};

/**
 * esbuild writes patterns and tagged templates as they are, whatever the charset. Read by the byte, a dash of the console would
 * be three characters, and a range of a pattern none.
 */
const ONE_BYTE_A_CHARACTER: Plugin = {
  name: 'one-byte-a-character',
  setup: ({ onEnd }) =>
    onEnd(({ outputFiles = [] }) => {
      for (const file of outputFiles)
        file.contents = Buffer.from(
          file.text.replaceAll(
            /[\u0080-\uffff]/g,
            (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
          ),
        );
    }),
};

/** Leaves the other commands out of a bundle. */
const onlyCommands = (names: readonly string[]): Plugin => ({
  name: 'only-commands',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\.\/commands\/[a-z]+\.ts$/ }, ({ path }) =>
      names.some((name) => path === `./commands/${name}.ts`) ? undefined : { path, external: true },
    ),
});

/** One file, of the program with these commands. */
export const bundleOptions = (root: string, commands: readonly string[]) =>
  ({
    entryPoints: ['cli/run.ts'],
    absWorkingDir: root,
    outdir: 'dist',
    write: false,
    metafile: true,
    bundle: true,
    minify: true,
    // In CommonJS what is imported when it is needed runs then, and is in the same file: nothing is looked for.
    format: 'cjs',
    platform: 'node',
    target: 'node22.18',
    mainFields: ['module', 'main'],
    charset: 'ascii', // What has one byte a character, V8 keeps as it is read.
    legalComments: 'none',
    logLevel: 'silent',
    external: ['@aws-sdk/*', '@smithy/*', '@sigstore/*', 'isomorphic-git'], // Few commands use them, and they are four fifths of the time to build.
    plugins: [LOADED_WHEN_USED, ONE_BYTE_A_CHARACTER, onlyCommands(commands)],
  }) as const satisfies BuildOptions;
