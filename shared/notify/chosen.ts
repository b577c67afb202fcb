import { matchesGlob } from '../glob/glob.ts';
import { compilePattern } from '../resolve/tag-filter.ts';
import { type Notification, SEVERITIES } from './notification.ts';
import { type NotifyEntry, TOLD_BY_DEFAULT } from './notify-entry.ts';

const isMatch = (patterns: readonly string[], { title, text }: Notification): boolean =>
  patterns.some((pattern) => compilePattern(pattern).test(`${title}\n${text}`));

/** Whether an entry is told of it, by what it is of and says. */
function isOfInterest(
  { sources, deploys, include, exclude }: NotifyEntry,
  notification: Notification,
): boolean {
  const { source = '', deploy } = notification.facts;
  if (!sources.some((glob) => matchesGlob(glob, source))) return false;
  if (deploys !== undefined && (deploy === undefined || !deploys.some((glob) => matchesGlob(glob, deploy))))
    return false;
  if (exclude !== undefined && isMatch(exclude, notification)) return false;
  return include === undefined || isMatch(include, notification);
}

/**
 * Whether an entry is told of it. The end of a failure that was told is told, too, whatever the severity and the types:
 * who was called is called off. Pure.
 */
export function isChosen(
  entry: NotifyEntry,
  notification: Notification,
  {
    wasFailing,
    byDefault = TOLD_BY_DEFAULT,
  }: { readonly wasFailing: boolean; readonly byDefault?: NotifyEntry['events'] },
): boolean {
  if (entry.suspend || !isOfInterest(entry, notification)) return false;
  if (wasFailing && notification.state === 'well') return true;
  const { type, severity } = notification;
  const { events = byDefault ?? TOLD_BY_DEFAULT } = entry;
  if (!events.some((each) => each === type)) return false;
  // Waiting for anything but a person is no news to whoever did not ask for it.
  if (type === 'Deploy Waiting' && entry.events === undefined && severity === 'info') return false;
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(entry.severity);
}
