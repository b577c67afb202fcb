import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { BUNDLE_OPTIONS } from '../../../infra/function/bundle-options.ts';

export interface Bundle {
  readonly path: string;
  /** Of what is read at the start. */
  readonly bytes: number;
  /** Modules that something of is read at the start, by path. */
  readonly modules: readonly string[];
  /** The same of what is read only when it is needed. */
  readonly later: { readonly bytes: number; readonly modules: readonly string[] };
}

type Outputs = Metafile['outputs'];

/** A file and all that it imports at once. */
function startOf(outputs: Outputs, entry: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(entry)) return seen;
  seen.add(entry);
  for (const { path, kind } of outputs[entry]?.imports ?? [])
    if (kind === 'import-statement' && path in outputs) startOf(outputs, path, seen);
  return seen;
}

function partOf(outputs: Outputs, files: readonly string[]): Bundle['later'] {
  const some = files.flatMap((file) => outputs[file] ?? []);
  const inputs = some.flatMap((output) => Object.entries(output.inputs));
  return {
    bytes: some.reduce((sum, { bytes }) => sum + bytes, 0),
    modules: inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([file]) => file),
  };
}

function bundleOf({ outputs }: Metafile, path: string): Bundle {
  const files = Object.keys(outputs);
  const entry = files.find((file) => outputs[file]?.entryPoint !== undefined && file.endsWith('index.mjs'));
  const start = startOf(outputs, entry ?? '');
  const later = files.filter((file) => !start.has(file));
  return { path, ...partOf(outputs, [...start]), later: partOf(outputs, later) };
}

const FUNCTIONS = join(import.meta.dirname, '..', '..', '..', 'functions', 'lambda');

/** Bundles a function as it is deployed. */
export const bundleFunction = (name: string, folder: string): Promise<Bundle> =>
  bundleEntry(join(FUNCTIONS, `${name}.ts`), join(folder, name));

/** Bundles a module of one's own as a function is deployed. */
export async function bundleEntry(entry: string, outdir: string): Promise<Bundle> {
  const { metafile } = await build({
    ...BUNDLE_OPTIONS,
    ...{ metafile: true, logLevel: 'silent', entryPoints: [entry], outdir },
  });
  return bundleOf(metafile, join(outdir, 'index.mjs'));
}

/** Bundles a text of one's own into a single file. `alias`: by default as a function has it. */
export async function bundleText(
  contents: string,
  folder: string,
  { alias }: { readonly alias: Record<string, string> } = BUNDLE_OPTIONS,
): Promise<Bundle> {
  const outdir = join(folder, 'text');
  const stdin = { contents, resolveDir: import.meta.dirname };
  const { metafile } = await build({
    ...BUNDLE_OPTIONS,
    ...{ alias, splitting: false, metafile: true, logLevel: 'silent', stdin, outdir },
  });
  return bundleOf(metafile, join(outdir, 'index.mjs'));
}
