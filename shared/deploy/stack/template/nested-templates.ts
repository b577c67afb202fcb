import { isMap, isScalar, parseDocument, type Scalar, visit } from 'yaml';
import { deployFailed } from '../../kit/failures.ts';

const NESTED = 'AWS::CloudFormation::Stack';
const URL = /^(https?|s3|ssm):\/\//;

/** A template as text, of which the places that name other templates can be changed. */
export interface NestedTemplates {
  /** As the template has them: paths of the artifact, next to this template. */
  readonly paths: readonly string[];
  /** The same text, but for these. */
  readonly rewritten: (urlOf: (path: string) => string) => string;
}

/** CloudFormation's `!Sub` and the like stay as they are; a template that cannot be read is CloudFormation's to refuse. */
const parse = (text: string) => parseDocument(text, { logLevel: 'silent', strict: false, uniqueKeys: false });

/** A name of another template is a plain string: what a function makes is not known here. */
const isPath = (node: unknown): node is Scalar<string> =>
  isScalar(node) &&
  typeof node.value === 'string' &&
  (node.tag === undefined || node.tag.startsWith('tag:yaml.org')) &&
  !URL.test(node.value);

function pathsIn(document: ReturnType<typeof parse>): Scalar<string>[] {
  const found: Scalar<string>[] = [];
  const resources = document.get('Resources');
  if (!isMap(resources)) return found;
  visit(resources, {
    Map: (_, node) => {
      const path = node.get('Type') === NESTED ? node.getIn(['Properties', 'TemplateURL'], true) : undefined;
      if (isPath(path)) found.push(path);
    },
  });
  return found;
}

const isJson = (text: string): boolean => text.trimStart().startsWith('{');

/** Finds the nested stacks of a template, in JSON or YAML, whose `TemplateURL` is a path of the artifact. */
export function nestedTemplates(text: string): NestedTemplates {
  if (!text.includes(NESTED)) return { paths: [], rewritten: () => text };
  const document = parse(text);
  const scalars = pathsIn(document);
  return {
    paths: scalars.map(({ value }) => value),
    rewritten: (urlOf) => {
      for (const scalar of scalars) scalar.value = urlOf(scalar.value);
      return isJson(text) ? JSON.stringify(document.toJS(), null, 1) : document.toString({ lineWidth: 0 });
    },
  };
}

/** The path in the artifact that a template at `from` means by `path`. @throws LandfallError DEPLOY_FAILED where it leads out */
export function pathBeside(from: string, path: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined)
      throw deployFailed(`template ${from}: TemplateURL ${JSON.stringify(path)} leads out of the artifact`, {
        hint: 'Name a template of the same artifact, or an https URL.',
      });
  }
  return parts.join('/');
}
