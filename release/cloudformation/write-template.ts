import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { zipFolder } from '../../shared/deploy/function/zip-folder.ts';
import { conditionalReferences } from './conditional-references.ts';
import { TemplateStack } from './template-stack.ts';

const NAME = 'landfall.template.json';

/** The context of the checkout's own app; the paths of constructs are nothing to who has no CDK. */
async function contextOf(root: string): Promise<Readonly<Record<string, unknown>>> {
  const { context } = JSON.parse(await readFile(join(root, 'cdk.json'), 'utf8')) as {
    readonly context: Readonly<Record<string, unknown>>;
  };
  return { ...context, 'aws:cdk:enable-path-metadata': false, 'aws:cdk:enable-asset-metadata': false };
}

/** The same bytes each time: Lambda's hash of them says whether a function has changed. */
async function zipped(folder: string): Promise<Uint8Array> {
  const names = (await readdir(folder)).toSorted();
  const files = await Promise.all(
    names.map(async (path) => ({ path, size: (await stat(join(folder, path))).size, mode: 0o644 })),
  );
  return await zipFolder({ files, read: (path) => readFile(join(folder, path)) });
}

interface Template {
  readonly Resources: Readonly<
    Record<string, { readonly DependsOn?: readonly string[]; readonly Condition?: string }>
  >;
}

/** Without what a reference says already: cfn-lint's W3005. */
function withoutKnownOrder({ Resources, ...template }: Template): Template {
  const resources = Object.entries(Resources).map(([id, { DependsOn = [], ...resource }]) => {
    const text = JSON.stringify(resource);
    const unsaid = DependsOn.filter((other) => !text.includes(`{"Fn::GetAtt":["${other}",`));
    return [id, unsaid.length > 0 ? { ...resource, DependsOn: unsaid } : resource] as const;
  });
  return { ...template, Resources: conditionalReferences(Object.fromEntries(resources)) };
}

/** Writes the template and, beside it, the zips of its functions. Their names. */
export async function writeTemplate(root: string, to: string): Promise<readonly string[]> {
  const outdir = await mkdtemp(join(tmpdir(), 'landfall-template-'));
  // What cfn-lint says of it is a test's; this would say it of an app.
  process.env['CDK_VALIDATION'] = 'false';
  try {
    const app = new App({ outdir, analyticsReporting: false, context: await contextOf(root) });
    const { zips, stackName } = new TemplateStack(app, 'Landfall');
    const { template } = app.synth().getStackByName(stackName);
    await mkdir(to, { recursive: true });
    await writeFile(join(to, NAME), `${JSON.stringify(withoutKnownOrder(template), null, 1)}\n`);
    for (const { folder, zip } of zips) await writeFile(join(to, zip), await zipped(join(outdir, folder)));
    return [NAME, ...zips.map(({ zip }) => zip)];
  } finally {
    await rm(outdir, { recursive: true, force: true });
  }
}
