import type { Notification } from '../../shared/notify/notification.ts';
import type { NotifyEntry } from '../../shared/notify/notify-entry.ts';

/** A failure of `web/app`. */
export const notificationFor = (changes: Partial<Notification> = {}): Notification => ({
  id: 'web/app#1#failed',
  subject: 'web/app',
  type: 'Source Reconcile Failed',
  state: 'failing',
  severity: 'error',
  title: 'web/app is stalled: TAG_NOT_FOUND',
  text: 'there is no tag 9',
  at: '2026-11-29T12:00:00.000Z',
  ...changes,
  facts: { source: 'web/app', namespace: 'web', name: 'app', code: 'TAG_NOT_FOUND', ...changes.facts },
});

export const entryFor = (changes: Partial<NotifyEntry> = {}): NotifyEntry => ({
  name: 'team',
  type: 'slack',
  sources: ['**'],
  severity: 'info',
  quietMs: 300_000,
  suspend: false,
  settings: { url: { value: 'http://127.0.0.1:1/hook' } },
  ...changes,
});
