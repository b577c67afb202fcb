import { readFileSync } from 'node:fs';
import { App, type AppProps, Stack } from 'aws-cdk-lib';
import { Landfall } from '../../../infra/landfall.ts';
import type { LandfallProps } from '../../../infra/landfall-props.ts';
import { temporaryFolderSync } from '../temporary-folder-sync.ts';

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly DependsOn?: readonly string[];
}

export interface SynthesizedTemplate {
  /** By name: the logical id without its hash and the construct's own name. */
  readonly resources: ReadonlyMap<string, Resource>;
  ofType(type: string): ReadonlyMap<string, Resource>;
  /** Properties of the one resource with this name, made readable. */
  properties(name: string): Readonly<Record<string, unknown>>;
}

/** What cdk.json sets, as `cdk synth` would hand it over. */
export const CONTEXT: Readonly<Record<string, unknown>> = (
  JSON.parse(readFileSync(new URL('../../../cdk.json', import.meta.url), 'utf8')) as {
    readonly context: Readonly<Record<string, unknown>>;
  }
).context;

const nameOf = (id: string): string => id.replace(/[0-9A-F]{8}$/, '').replace(/^Landfall/, '');

/** Intrinsic functions as text: `<Store.Arn>/artifacts/*`. */
export function readable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [[key, inner] = ['', undefined]] = entries;
  if (entries.length === 1 && key === 'Ref') return `<${nameOf(String(inner))}>`;
  if (entries.length === 1 && key === 'Fn::GetAtt') {
    const [id, attribute] = inner as readonly [string, string];
    return `<${nameOf(id)}.${attribute}>`;
  }
  if (entries.length === 1 && key === 'Fn::Join') {
    const [separator, parts] = inner as readonly [string, readonly unknown[]];
    return parts.map(readable).join(separator);
  }
  if (entries.length === 1 && key === 'Fn::Sub') return String(inner).replace(/\$\{([^}]+)\}/g, '<$1>');
  return Object.fromEntries(entries.map(([name, part]) => [name, readable(part)]));
}

/** Without CloudFormation's schemas, which take a second to load; synth.test.ts looks with them. */
export function synthOf(app: App): ReturnType<App['synth']> {
  process.env['CDK_VALIDATION'] = 'false';
  try {
    return app.synth();
  } finally {
    delete process.env['CDK_VALIDATION'];
  }
}

/** What a stack of an app says; bundling is left out, as it takes seconds and synth.test.ts has it. */
export function templateOf(stack: Stack): SynthesizedTemplate {
  const { template } = synthOf(stack.node.root as App).getStackByName(stack.stackName) as {
    readonly template: { readonly Resources: Readonly<Record<string, Resource>> };
  };
  const all = Object.entries(template.Resources);
  const resources = new Map(all.map(([id, resource]) => [nameOf(id), resource] as const));
  if (resources.size !== all.length) throw new Error('two resources have the same name but for their hash');
  return {
    resources,
    ofType: (type) => new Map([...resources].filter(([, { Type }]) => Type === type)),
    properties: (name) => {
      const resource = resources.get(name);
      if (resource === undefined) throw new Error(`no ${name} among ${[...resources.keys()].join(', ')}`);
      return readable(resource.Properties) as Readonly<Record<string, unknown>>;
    },
  };
}

/** An app whose output goes to a folder that ends with the test process. */
export const testApp = (props: AppProps = {}): App =>
  new App({
    outdir: temporaryFolderSync(),
    context: { ...CONTEXT, 'aws:cdk:bundling-stacks': [] },
    analyticsReporting: false,
    ...props,
  });

export interface TestStack {
  readonly app: App;
  readonly stack: Stack;
  readonly landfall: Landfall;
}

export function landfallIn(props: LandfallProps = {}): TestStack {
  const app = testApp();
  const stack = new Stack(app, 'Test');
  return { app, stack, landfall: new Landfall(stack, 'Landfall', props) };
}

export const synthesize = (props: LandfallProps = {}): SynthesizedTemplate =>
  templateOf(landfallIn(props).stack);
