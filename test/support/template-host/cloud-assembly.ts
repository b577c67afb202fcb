import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { isMap, type Json, mapAt, textIn } from './json.ts';
import { parseTemplate, type Template } from './template.ts';

/** A file or folder that a deploy uploads. */
export interface Asset {
  /** Absolute. */
  readonly path: string;
  readonly isFolder: boolean;
  /** May have `${AWS::AccountId}` and the like in it. */
  readonly bucket: string;
  readonly key: string;
}

/** What a synth leaves: a stack's template, and the assets it names. */
export interface CloudAssembly {
  readonly stackName: string;
  readonly template: Template;
  readonly assets: readonly Asset[];
}

const ROOT = join(import.meta.dirname, '..', '..', '..');
const run = promisify(execFile);

const jsonOf = (path: string): Json => JSON.parse(readFileSync(path, 'utf8')) as Json;

function assetsOf(folder: string, file: string): readonly Asset[] {
  const files = mapAt(jsonOf(join(folder, file)), 'files') ?? {};
  return Object.values(files)
    .filter(isMap)
    .flatMap((entry) => {
      const source = mapAt(entry, 'source') ?? {};
      const path = join(folder, textIn(source, 'path'));
      return Object.values(mapAt(entry, 'destinations') ?? {})
        .filter(isMap)
        .map((destination) => ({
          path,
          isFolder: source['packaging'] === 'zip',
          bucket: textIn(destination, 'bucketName'),
          key: textIn(destination, 'objectKey'),
        }));
    });
}

/** @throws Error where the folder does not hold exactly one stack */
export function readAssembly(folder: string): CloudAssembly {
  const suffix = '.template.json';
  const names = readdirSync(folder).filter((name) => name.endsWith(suffix));
  const [name] = names;
  if (name === undefined || names.length > 1) throw new Error(`${names.length} templates in ${folder}`);
  const stackName = name.slice(0, -suffix.length);
  return {
    stackName,
    template: parseTemplate(readFileSync(join(folder, name), 'utf8')),
    assets: assetsOf(folder, `${stackName}.assets.json`),
  };
}

/**
 * Runs an app as cdk does, bundling included, with the context of cdk.json and the settings given.
 * @param folder where the assembly goes
 * @param app from the root of this package
 */
export async function synthesizeApp(
  folder: string,
  settings: Readonly<Record<string, string>>,
  app = 'infra/app.ts',
): Promise<CloudAssembly> {
  const { context } = jsonOf(join(ROOT, 'cdk.json'));
  await run(process.execPath, [join(ROOT, app)], {
    cwd: ROOT,
    env: {
      PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
      HOME: folder,
      CDK_OUTDIR: folder,
      CDK_CONTEXT_JSON: JSON.stringify(context),
      ...settings,
    },
    maxBuffer: 16 * 1024 * 1024,
  });
  return readAssembly(folder);
}
