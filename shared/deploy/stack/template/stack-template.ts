import { createHash } from 'node:crypto';
import { STACK_BODY_BYTES, STACK_TEMPLATE_BYTES } from '../../../limits.ts';
import type { DeployArtifact } from '../../kit/deploy-context.ts';
import { deployFailed } from '../../kit/failures.ts';
import type { DeployOrigin } from '../../kit/permission.ts';
import { nestedTemplates, pathBeside } from './nested-templates.ts';

/** What is sent: the template itself, or where CloudFormation reads it. */
export type TemplateSource = { readonly body: string } | { readonly url: string };

export interface StackTemplate {
  readonly source: TemplateSource;
  readonly text: string;
  /** Lower-case hex, of all that decides what it says. */
  readonly digest: string;
}

interface TemplateInput {
  readonly artifact: DeployArtifact;
  readonly origin: Pick<DeployOrigin, 'partition' | 'region'>;
}

const escapePath = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

/** Of a file in the store: it is what it is for good, since its key has the digest. Undefined on one machine. */
function storeUrl(path: string, { artifact, origin }: TemplateInput): string | undefined {
  const { location } = artifact;
  if (location.in !== 'bucket') return undefined;
  const suffix = origin.partition === 'aws-cn' ? '.cn' : '';
  const key = escapePath(`${location.prefix}${path}`);
  return `https://s3.${origin.region}.amazonaws.com${suffix}/${location.bucket}/${key}`;
}

/** Why CloudFormation cannot read it by itself, and what to do. */
const unreadable = ({ location }: DeployArtifact): { readonly why: string; readonly hint: string } =>
  location.in === 'packs'
    ? { why: 'is packed', hint: 'Give the source `layout: tree`, so that CloudFormation can read its files.' }
    : {
        why: 'is in no bucket',
        hint: 'Keep the store in S3 (serve --store s3://…), where CloudFormation can read it.',
      };

async function textOf(artifact: DeployArtifact, path: string): Promise<string> {
  const size = artifact.files.find((file) => file.path === path)?.size ?? 0;
  if (size > STACK_TEMPLATE_BYTES)
    throw deployFailed(
      `template ${path} has ${size} bytes, and CloudFormation reads at most ${STACK_TEMPLATE_BYTES}`,
      { hint: 'Take it apart into nested stacks, or write it without spaces.' },
    );
  return Buffer.from(await artifact.read(path, STACK_TEMPLATE_BYTES)).toString('utf8');
}

/** The URL of a nested template, which is read as it is in the store: so it may name no other by a path. */
async function nestedUrl(
  from: string,
  named: string,
  input: TemplateInput,
): Promise<readonly [string, string]> {
  const path = pathBeside(from, named);
  const url = storeUrl(path, input);
  if (url === undefined)
    throw deployFailed(`template ${from} nests ${path}, which CloudFormation reads from S3 alone`, {
      hint: unreadable(input.artifact).hint,
    });
  const { paths } = nestedTemplates(await textOf(input.artifact, path));
  if (paths.length > 0)
    throw deployFailed(`template ${path} is nested in ${from}, and nests ${paths[0]} by a path itself`, {
      hint: 'Nest one level deep, or write the URL: a file of the store cannot be changed.',
    });
  return [named, url];
}

/**
 * The template with the names of its nested templates made URLs of the store.
 * @throws LandfallError DEPLOY_FAILED: not there, too large, or on one machine what only S3 can serve; as DeployArtifact.read
 */
export async function readTemplate(path: string, input: TemplateInput): Promise<StackTemplate> {
  const original = await textOf(input.artifact, path);
  const nested = nestedTemplates(original);
  const urls = new Map<string, string>();
  for (const named of nested.paths) {
    const [key, url] = await nestedUrl(path, named, input);
    urls.set(key, url);
  }
  const text = urls.size === 0 ? original : nested.rewritten((named) => urls.get(named) ?? named);
  const digest = createHash('sha256').update(text).digest('hex');
  const bytes = Buffer.byteLength(text);
  if (bytes <= STACK_BODY_BYTES) return { source: { body: text }, text, digest };
  if (urls.size > 0)
    throw deployFailed(
      `template ${path} has ${bytes} bytes with the URLs of its nested templates, over the ${STACK_BODY_BYTES} of a request`,
      { hint: 'Move resources into nested templates, or write their URLs into the template.' },
    );
  const url = storeUrl(path, input);
  if (url !== undefined) return { source: { url }, text, digest };
  const { why, hint } = unreadable(input.artifact);
  throw deployFailed(
    `template ${path} has ${bytes} bytes, over the ${STACK_BODY_BYTES} of a request, and ${why}`,
    { hint },
  );
}
