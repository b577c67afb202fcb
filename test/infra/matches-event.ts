import { matches } from '../../shared/event/pattern/matches.ts';
import { parsePattern } from '../../shared/event/pattern/parse-pattern.ts';
import type { EventEnvelope } from '../../shared/model/envelope.ts';

/** Whether a rule with this pattern gets an event, ours or one of AWS's own, as EventBridge decides it. */
export const matchesEvent = (
  pattern: Readonly<Record<string, unknown>>,
  event: Readonly<Record<string, unknown>>,
): boolean => matches(parsePattern(pattern), event as unknown as EventEnvelope);
