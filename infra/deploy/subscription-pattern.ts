import { LandfallError } from '../../shared/errors.ts';
import { folderPattern } from '../../shared/event/folder-pattern.ts';
import { RULE_PATTERN_CHARACTERS } from '../../shared/limits.ts';
import type { DetailType } from '../../shared/model/detail-type.ts';
import { EVENT_SOURCE } from '../../shared/model/envelope.ts';
import type { SourceId } from '../../shared/model/ids.ts';

/** Which events are wanted. Everything that is said has to hold. */
export interface Wanted {
  /** `namespace/name`, or a name of the namespace default. Default: every source. */
  readonly source?: string;
  /** Every source of a team. */
  readonly namespace?: string;
  /** Labels the source has. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Only where a stored file under this folder of the artifact changed; never misses one. Links are not stored. */
  readonly path?: string;
  /** Also revisions whose content is that of the one before. Default false. */
  readonly unchanged?: boolean;
  /** Default: Artifact Revision Changed. */
  readonly detailTypes?: readonly DetailType[];
  /** Characters that a rule's pattern may have here, where the quota of the account is another. Default 2,048. */
  readonly patternCharacters?: number;
  /** The account Landfall is in, where that is another than the bus's. */
  readonly account?: string;
}

/** A rule's pattern as the CDK writes it; in EventBridge's own JSON `detailType` is `detail-type`. */
export interface SubscriptionPattern {
  readonly source: string[];
  readonly detailType: string[];
  readonly account?: string[];
  readonly detail?: Record<string, unknown>;
}

const REVISION_CHANGED = 'Artifact Revision Changed';
/** Of a source, a namespace or a deploy. */
export const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

const invalid = (why: string, hint: string): LandfallError =>
  new LandfallError('CONFIG_INVALID', why, { hint });

/** @throws LandfallError CONFIG_INVALID */
export function parseSource(source: string): SourceId {
  const parts = source.split('/');
  const [namespace = '', name = ''] = parts.length === 1 ? ['default', source] : parts;
  if (parts.length > 2 || !NAME.test(namespace) || !NAME.test(name)) {
    throw invalid(
      `subscription: source ${JSON.stringify(source)}: wanted name or namespace/name`,
      'Write web/site.',
    );
  }
  return { namespace, name };
}

function identity({ source, namespace }: Wanted): Readonly<Record<string, readonly string[]>> {
  if (source === undefined) return namespace === undefined ? {} : { namespace: [namespace] };
  const { namespace: team, name } = parseSource(source);
  if (namespace !== undefined && namespace !== team) {
    throw invalid(
      `subscription: source ${source} is not in namespace ${namespace}`,
      'Leave one of them out.',
    );
  }
  return { namespace: [team], name: [name] };
}

/** An event names the folder in its changes only while it has any: unchanged revisions have no paths. */
function changes({ path, unchanged = false }: Wanted): Readonly<Record<string, unknown>> {
  const content = unchanged ? {} : { content: ['changed'] };
  const paths = path === undefined ? {} : { paths: folderPattern(path) };
  const wanted = { ...content, ...paths };
  return Object.keys(wanted).length === 0 ? {} : { changes: wanted };
}

function checkDetailTypes({
  path,
  unchanged,
  detailTypes = [REVISION_CHANGED],
}: Wanted): readonly DetailType[] {
  const isNarrowed = path !== undefined || unchanged === true;
  if (isNarrowed && detailTypes.some((type) => type !== REVISION_CHANGED)) {
    throw invalid(
      `subscription: path and unchanged are about ${REVISION_CHANGED}, which has changes`,
      'Make a second subscription for the other events.',
    );
  }
  return detailTypes;
}

/** `detail-type` has a character more than CDK's name for it. */
function checkLength(
  pattern: SubscriptionPattern,
  { patternCharacters: most = RULE_PATTERN_CHARACTERS }: Wanted,
): void {
  const characters = JSON.stringify(pattern).length + 1;
  if (characters <= most) return;
  throw invalid(
    `subscription: its pattern has ${characters} characters, and EventBridge takes ${most}`,
    'Subscribe to a folder that is not as deep; or raise the quota of the account, and patternCharacters.',
  );
}

/**
 * The pattern of a rule that gets what is wanted.
 * @throws LandfallError CONFIG_INVALID where it says two things at once, or is longer than EventBridge takes
 */
export function subscriptionPattern(wanted: Wanted): SubscriptionPattern {
  const detailTypes = checkDetailTypes(wanted);
  const { labels, account } = wanted;
  const isRevision = detailTypes.every((type) => type === REVISION_CHANGED);
  const required = Object.entries(labels ?? {}).map(([key, value]) => [key, [value]] as const);
  const detail = {
    ...identity(wanted),
    ...(required.length > 0 && { labels: Object.fromEntries(required) }),
    ...(isRevision && changes(wanted)),
  };
  const whole = {
    source: [EVENT_SOURCE],
    detailType: [...detailTypes],
    ...(account !== undefined && { account: [account] }),
    ...(Object.keys(detail).length > 0 && { detail }),
  };
  checkLength(whole, wanted);
  return whole;
}
