import { LandfallError } from '../../errors.ts';
import { isObject, type JsonObject } from '../../kernel/json.ts';
import type { DescribedTaskDefinition } from './service-target.ts';

/**
 * The keys of RegisterTaskDefinitionRequest. What is described has more: what ECS worked out itself, and what a later
 * API may tell, which RegisterTaskDefinition then refuses.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
 */
const REGISTERED = [
  ...['family', 'taskRoleArn', 'executionRoleArn', 'networkMode', 'containerDefinitions', 'volumes'],
  ...['placementConstraints', 'requiresCompatibilities', 'cpu', 'memory', 'pidMode', 'ipcMode'],
  ...['proxyConfiguration', 'inferenceAccelerators', 'ephemeralStorage', 'runtimePlatform'],
  'enableFaultInjection',
] as const;

/** Images that are to run, `repository@sha256:…`, by name of the container. */
export type ServiceImages = Readonly<Record<string, string>>;

export interface ImageChange {
  readonly container: string;
  readonly before: string;
  readonly after: string;
}

const containersOf = ({ definition }: DescribedTaskDefinition): readonly JsonObject[] => {
  const { containerDefinitions } = definition;
  return Array.isArray(containerDefinitions) ? containerDefinitions.filter(isObject) : [];
};

const nameOf = (container: JsonObject): string => String(container['name']);

/** @throws LandfallError DEPLOY_FAILED where a container that is named is not there */
export function imageChanges(
  described: DescribedTaskDefinition,
  images: ServiceImages,
  deploy: string,
): readonly ImageChange[] {
  const containers = new Map(containersOf(described).map((each) => [nameOf(each), String(each['image'])]));
  return Object.entries(images).flatMap(([container, after]) => {
    const before = containers.get(container);
    if (before === undefined) throw missing(deploy, container, [...containers.keys()]);
    return before === after ? [] : [{ container, before, after }];
  });
}

const missing = (deploy: string, container: string, there: readonly string[]): LandfallError =>
  new LandfallError(
    'DEPLOY_FAILED',
    `deploy ${deploy}: the task definition has no container ${container}, only ${there.join(', ') || 'none'}`,
    { hint: 'Correct the name in the deploy, or add the container to the task definition.' },
  );

/** ECS reserves `aws:`, and puts those tags there itself. */
const isOwnTag = (tag: JsonObject): boolean => !String(tag['key']).startsWith('aws:');

/** What is to be registered: the one that was described, with other images in the containers that are named. */
export function nextTaskDefinition(described: DescribedTaskDefinition, images: ServiceImages): JsonObject {
  const { definition, tags } = described;
  const kept = REGISTERED.flatMap((key) => (definition[key] === undefined ? [] : [[key, definition[key]]]));
  const containerDefinitions = containersOf(described).map((container) => {
    const name = nameOf(container);
    return Object.hasOwn(images, name) ? { ...container, image: images[name] } : container;
  });
  const own = tags.filter(isOwnTag);
  // An empty list of tags is refused.
  return {
    ...Object.fromEntries(kept),
    containerDefinitions,
    ...(own.length > 0 && { tags: own }),
  };
}

/** Keys in one order, so that equal values have equal texts. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );

/** Whether a described one is what would be registered: a try that was cut off registered it already. */
export const isSameDefinition = (described: DescribedTaskDefinition, next: JsonObject): boolean =>
  canonical(nextTaskDefinition(described, {})) === canonical(next);
