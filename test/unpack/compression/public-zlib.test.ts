import { syncBuiltinESMExports } from 'node:module';
import zlib from 'node:zlib';

/*
 * What is not documented of node:zlib may not be there: the same suites, with its streams alone.
 */
for (const name of ['createGunzip', 'createZstdDecompress'] as const) {
  const create = zlib[name] as unknown as (options?: object) => { readonly _handle: { writeSync?: unknown } };
  const value = (options?: object): unknown => {
    const stream = create(options);
    stream._handle.writeSync = undefined;
    return stream;
  };
  Object.defineProperty(zlib, name, { value });
}
syncBuiltinESMExports();

const HERE = ['gzip', 'gzip-rest', 'zstd', 'hostile-compression'];
const LAYERS = ['read-layer', 'read-layer-limits'];
for (const suite of [...HERE, ...LAYERS.map((name) => `../layers/${name}`)])
  await import(`./${suite}.test.ts`);
