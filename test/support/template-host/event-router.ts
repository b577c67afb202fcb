import { randomUUID } from 'node:crypto';
import { matches } from '../../../shared/event/pattern/matches.ts';
import { parsePattern } from '../../../shared/event/pattern/parse-pattern.ts';
import type { Pattern } from '../../../shared/event/pattern/pattern.ts';
import type { EventEnvelope } from '../../../shared/model/envelope.ts';
import { type Json, mapAt, mapsAt, numberAt, textAt, textIn } from './json.ts';

export const DEFAULT_BUS = 'default';

/** Where a rule sends events. */
export interface RuleTarget {
  readonly arn: string;
  readonly messageGroupId: string | undefined;
  readonly retries: number | undefined;
  /** ARN of the queue for what cannot be delivered. */
  readonly deadLetters: string | undefined;
}

export interface StackRule {
  readonly id: string;
  readonly bus: string;
  /** Undefined: the rule has a schedule. */
  readonly pattern: Pattern | undefined;
  readonly schedule: string | undefined;
  readonly targets: readonly RuleTarget[];
}

/** Properties of a target that would change what is sent: not known here, so not passed over. */
const UNKNOWN = ['Input', 'InputPath', 'InputTransformer', 'RoleArn'];

function targetOf(target: Json): RuleTarget {
  const unknown = UNKNOWN.filter((name) => name in target);
  if (unknown.length > 0) throw new Error(`${unknown.join(', ')} of a target is not known to this host`);
  return {
    arn: textIn(target, 'Arn'),
    messageGroupId: textAt(mapAt(target, 'SqsParameters') ?? {}, 'MessageGroupId'),
    retries: numberAt(mapAt(target, 'RetryPolicy') ?? {}, 'MaximumRetryAttempts'),
    deadLetters: textAt(mapAt(target, 'DeadLetterConfig') ?? {}, 'Arn'),
  };
}

/** `name` of `arn:aws:events:…:event-bus/name`, or of itself. */
const busName = (text: string): string => text.slice(text.lastIndexOf('/') + 1);

/** What an AWS::Events::Rule says, its properties resolved. */
export function parseRule(id: string, properties: Json): StackRule {
  const pattern = mapAt(properties, 'EventPattern');
  const isEnabled = (textAt(properties, 'State') ?? 'ENABLED') === 'ENABLED';
  return {
    id,
    bus: busName(textAt(properties, 'EventBusName') ?? DEFAULT_BUS),
    pattern: pattern && parsePattern(pattern),
    schedule: textAt(properties, 'ScheduleExpression'),
    targets: isEnabled ? mapsAt(properties, 'Targets').map(targetOf) : [],
  };
}

/** The envelope EventBridge puts around what was put on a bus. */
export const envelopeOf = (
  event: Json,
  { account, region }: { readonly account: string; readonly region: string },
): Json => ({ version: '0', id: randomUUID(), account, region, resources: [], ...event });

/** The rules of a bus that an event matches. */
export const rulesFor = (
  rules: readonly StackRule[],
  { bus, event }: { readonly bus: string; readonly event: Json },
): readonly StackRule[] =>
  rules.filter(
    (rule) =>
      rule.bus === busName(bus) &&
      rule.pattern !== undefined &&
      matches(rule.pattern, event as unknown as EventEnvelope),
  );
