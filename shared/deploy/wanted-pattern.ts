import { matches } from '../event/pattern/matches.ts';
import { parsePattern } from '../event/pattern/parse-pattern.ts';
import type { EventEnvelope, RevisionChangedEvent } from '../model/envelope.ts';
import type { DeployEntry } from '../source/deploy-entry.ts';
import { isOfSource } from './wanted.ts';

/** Whether a deploy subscribes to this event: by its source and, where it has one, its pattern. */
export const isWanted = (
  deploy: Pick<DeployEntry, 'source' | 'pattern'>,
  event: EventEnvelope,
): event is RevisionChangedEvent =>
  isOfSource(deploy, event) && (deploy.pattern === undefined || matches(parsePattern(deploy.pattern), event));
