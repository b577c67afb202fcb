import { inByteOrder } from '../../kernel/byte-order.ts';
import { isObject, parseUtf8Json } from '../../kernel/json.ts';
import type { DeployArtifact } from '../kit/deploy-context.ts';
import { deployFailed } from '../kit/failures.ts';
import type { NewChangeSet } from './cloudformation.ts';
import type { StackSettings } from './stack-settings.ts';

type Values = Readonly<Record<string, string>>;

const FORMS =
  'Write {"Name": "value"}, {"Parameters": {"Name": "value"}} or [{"ParameterKey": "Name", "ParameterValue": "value"}].';

const scalarOf = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;

/** The list of the AWS command line. */
const entriesOfList = (list: readonly unknown[]): readonly (readonly [string, unknown])[] | undefined => {
  const entries = list.map((each) =>
    isObject(each) && typeof each['ParameterKey'] === 'string'
      ? ([each['ParameterKey'], each['ParameterValue']] as const)
      : undefined,
  );
  return entries.every((entry) => entry !== undefined) ? entries : undefined;
};

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] | undefined {
  if (Array.isArray(value)) return entriesOfList(value as readonly unknown[]);
  if (!isObject(value)) return undefined;
  // CodePipeline's form of a template configuration.
  return Object.entries(isObject(value['Parameters']) ? value['Parameters'] : value);
}

/**
 * Reads a file of parameters in any of the three forms there are. No value is quoted in an error.
 * @throws LandfallError DEPLOY_FAILED: no such form, or a parameter that `allow` does not name
 */
export function parseParameters(path: string, bytes: Uint8Array, allow: readonly string[]): Values {
  const parsed = parseUtf8Json(bytes);
  const entries = parsed.ok ? entriesOf(parsed.value) : undefined;
  if (entries === undefined) throw deployFailed(`${path}: not parameters in JSON`, { hint: FORMS });
  const values: [string, string][] = [];
  for (const [name, value] of entries) {
    if (!allow.includes(name))
      throw deployFailed(
        `${path} gives parameter ${JSON.stringify(name.slice(0, 255))}, which is not allowed`,
        {
          hint: `Name it in parametersFile.allow of the deploy, or take it out; allowed: ${allow.join(', ') || 'none'}.`,
        },
      );
    const text = scalarOf(value);
    if (text === undefined)
      throw deployFailed(`${path}: the value of ${name} is neither text nor number`, { hint: FORMS });
    values.push([name, text]);
  }
  return Object.fromEntries(values);
}

/** Those of the document, and where it has none those of the artifact. */
export async function readParameters(
  { parameters, parametersFile: file }: Pick<StackSettings, 'parameters' | 'parametersFile'>,
  artifact: DeployArtifact,
): Promise<Values> {
  const written = file && parseParameters(file.path, await artifact.read(file.path), file.allow);
  const stated = Object.entries(parameters).map(([name, value]): [string, string] => [name, String(value)]);
  return { ...written, ...Object.fromEntries(stated) };
}

/**
 * As they are sent. What is to be kept can be, only where the stack has it.
 * @param there those of the stack; undefined where it is to be created
 */
export function sentParameters(
  values: Values,
  keep: readonly string[],
  there: Values | undefined,
): NewChangeSet['parameters'] {
  const kept = keep.filter((name) => !Object.hasOwn(values, name) && Object.hasOwn(there ?? {}, name));
  return inByteOrder([...Object.keys(values), ...kept]).map((name) => ({
    name,
    value: values[name] ?? { keep: true },
  }));
}
