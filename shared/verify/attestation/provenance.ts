import { isObject, type JsonObject } from '../../kernel/json.ts';
import { quoted } from '../found/quoted.ts';
import type { ProvenanceRule } from '../policy/attestation-rule.ts';

/** @see https://slsa.dev/spec/v1.0/provenance and https://slsa.dev/spec/v0.2/provenance */
export const PROVENANCE_V1 = 'https://slsa.dev/provenance/v1';
export const PROVENANCE_V02 = 'https://slsa.dev/provenance/v0.2';

interface Built {
  readonly builder: unknown;
  /** `git+https://github.com/acme/app@refs/heads/main`, or what a form says apart. */
  readonly source: unknown;
  readonly ref: unknown;
  /** Names of external parameters that say something else than the source. */
  readonly parameters: readonly string[];
}

const objectAt = (value: unknown, key: string): JsonObject => {
  const inner = isObject(value) ? value[key] : undefined;
  return isObject(inner) ? inner : {};
};

/** `git+https://host/path@ref`: the URL and the ref. */
function splitUri(uri: unknown): readonly [url: unknown, ref: unknown] {
  if (typeof uri !== 'string') return [undefined, undefined];
  const [, url = uri, ref] = /^(?:git\+)?(.+?)(?:@([^@/]+(?:\/[^@]*)?))?$/.exec(uri) ?? [];
  return [url, ref];
}

function builtV1(predicate: unknown): Built {
  const builder = objectAt(objectAt(predicate, 'runDetails'), 'builder')['id'];
  const external = objectAt(objectAt(predicate, 'buildDefinition'), 'externalParameters');
  const workflow = objectAt(external, 'workflow');
  const given = external['source'];
  const [url, ref] = splitUri(isObject(given) ? given['uri'] : given);
  return {
    builder,
    source: splitUri(workflow['repository'])[0] ?? url,
    ref: workflow['ref'] ?? ref,
    parameters: Object.keys(external).filter((key) => key !== 'workflow' && key !== 'source'),
  };
}

function builtV02(predicate: unknown): Built {
  const invocation = objectAt(predicate, 'invocation');
  const [source, ref] = splitUri(objectAt(invocation, 'configSource')['uri']);
  return {
    builder: objectAt(predicate, 'builder')['id'],
    source,
    ref,
    parameters: Object.keys(objectAt(invocation, 'parameters')),
  };
}

/**
 * Why something was not built as is wanted; undefined: it was. A parameter that nobody expects may have made something else of it.
 * @see https://slsa.dev/spec/v1.0/verifying-artifacts#step-2-check-expectations
 */
export function unmetProvenance(
  { predicateType, predicate }: { readonly predicateType: string; readonly predicate: unknown },
  rule: ProvenanceRule,
): string | undefined {
  const { builder, source, ref, parameters } =
    predicateType === PROVENANCE_V1 ? builtV1(predicate) : builtV02(predicate);
  if (builder !== rule.builder) return `its builder is ${quoted(builder)}`;
  if (source !== rule.source) return `its source is ${quoted(source)}`;
  if (rule.ref !== undefined && ref !== rule.ref) return `its ref is ${quoted(ref)}`;
  const unknown = parameters.find((name) => !rule.parameters.includes(name));
  return unknown === undefined ? undefined : `it was built with the parameter ${quoted(unknown)}`;
}
