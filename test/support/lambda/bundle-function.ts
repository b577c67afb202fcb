import { join } from 'node:path';
import { type BuildOptions, build, type Metafile } from 'esbuild';

export interface Bundle {
  readonly path: string;
  readonly bytes: number;
  /** Modules that something of is in the bundle, by path. */
  readonly modules: readonly string[];
}

/** As infra/bundling.ts has it; that would bring the CDK with it. */
const OPTIONS: BuildOptions = {
  bundle: true,
  minify: true,
  metafile: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  mainFields: ['module', 'main'],
  logLevel: 'silent',
  banner: {
    js: "import{createRequire as landfallCreateRequire}from'node:module';const require=landfallCreateRequire(import.meta.url);",
  },
};

const bundleOf = (metafile: Metafile | undefined, path: string): Bundle => {
  const [output] = Object.values(metafile?.outputs ?? {});
  const inputs = Object.entries(output?.inputs ?? {});
  return {
    path,
    bytes: output?.bytes ?? 0,
    modules: inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([file]) => file),
  };
};

/** Bundles a function as it is deployed: one minified ES module with everything in it. */
export async function bundleFunction(name: string, folder: string): Promise<Bundle> {
  const outfile = join(folder, `${name}.mjs`);
  const entry = join(import.meta.dirname, '..', '..', '..', 'functions', 'lambda', `${name}.ts`);
  const { metafile } = await build({ ...OPTIONS, entryPoints: [entry], outfile });
  return bundleOf(metafile, outfile);
}

/** Bundles a text of one's own, to compare with. */
export async function bundleText(contents: string, folder: string): Promise<Bundle> {
  const outfile = join(folder, 'text.mjs');
  const stdin = { contents, resolveDir: import.meta.dirname };
  const { metafile } = await build({ ...OPTIONS, stdin, outfile });
  return bundleOf(metafile, outfile);
}
