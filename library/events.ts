/** Events, `import … from 'landfall/events'`: their types and schemas, and patterns for rules of EventBridge. */
import {
  type SubscriptionPattern,
  subscriptionPattern,
  type Wanted,
} from '../infra/deploy/subscription-pattern.ts';

export { folderChangePattern, folderPattern } from '../shared/event/folder-pattern.ts';
export type { DetailType } from '../shared/model/detail-type.ts';
export {
  type Envelope,
  EVENT_SOURCE,
  type EventEnvelope,
  type RevisionChangedEvent,
} from '../shared/model/envelope.ts';
export {
  DETAIL_SCHEMAS,
  type Detail,
  detailJsonSchema,
  type RevisionChangedDetail,
} from '../shared/model/event-schema.ts';
export { DETAIL_TYPES, isEvent } from '../shared/model/parse-event.ts';
export type { Wanted };

/** A pattern in EventBridge's own JSON. */
export interface RulePattern extends Omit<SubscriptionPattern, 'detailType'> {
  readonly 'detail-type': string[];
}

/**
 * The pattern of a rule that gets what is wanted, and never misses a change under its `path`.
 * @throws LandfallError CONFIG_INVALID where it says two things at once, or is longer than EventBridge takes
 */
export function rulePattern(wanted: Wanted): RulePattern {
  const { detailType, ...rest } = subscriptionPattern(wanted);
  return { ...rest, 'detail-type': detailType };
}
