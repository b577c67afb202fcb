import { parseDocument, type Tags } from 'yaml';
import { isLandfallError, messageOf } from '../../../errors.ts';
import { isObject, type JsonObject } from '../../../kernel/json.ts';
import { deployFailed } from '../../kit/failures.ts';

/** What Go's readers of YAML take for a text is one here, too: times, and numbers to the base of 60. */
const asKubernetes = (tags: Tags): Tags =>
  tags.filter(
    (tag) =>
      typeof tag === 'string' ||
      (tag.tag !== 'tag:yaml.org,2002:timestamp' && !('format' in tag && tag.format === 'TIME')),
  );

/** Beyond it a text is taken for a bomb. */
const ALIASES = 100;

/**
 * One YAML document as Kubernetes reads it: YAML 1.1, in which `0644` is octal and `on` is true.
 * @param what it is, for messages
 * @throws LandfallError DEPLOY_FAILED
 */
export function readYaml(text: string, what: string): unknown {
  const refused = (why: string, cause?: unknown) =>
    deployFailed(`${what} cannot be read: ${why}`, {
      cause,
      hint: 'Correct it, and push another revision; `kubectl kustomize` of the folder says the same.',
    });
  try {
    const document = parseDocument(text, { version: '1.1', customTags: asKubernetes, prettyErrors: true });
    const [error] = document.errors;
    if (error !== undefined) throw refused(error.message.split('\n', 1)[0] ?? '');
    return document.toJS({ maxAliasCount: ALIASES });
  } catch (cause) {
    // Of one that is nested too deep, and of a bomb.
    if (isLandfallError(cause)) throw cause;
    throw refused(messageOf(cause), cause);
  }
}

/** @throws LandfallError DEPLOY_FAILED where it is no mapping */
export function readYamlObject(text: string, what: string): JsonObject {
  const found = readYaml(text, what) ?? {};
  if (isObject(found)) return found;
  throw deployFailed(`${what} is no mapping of YAML`, { hint: 'Correct it, and push another revision.' });
}

/** The documents of a stream as kustomize writes it: nothing else begins a line with three dashes there. */
export const yamlDocuments = (stream: string): readonly string[] =>
  stream.split(/^---(?:[ \t].*)?$/m).filter((text) => text.trim() !== '');
