import { createHash } from 'node:crypto';
import * as z from 'zod';
import { secret } from '../../credentials/secret-schema.ts';
import { postJson } from './answer.ts';
import type { Provider } from './provider.ts';
import { cut } from './words.ts';

const SUMMARY = 1_024;

/** 255 characters at most, and names of sources and deploys may have more. */
const keyOf = (subject: string): string => `landfall-${createHash('sha256').update(subject).digest('hex')}`;

export const pagerdutySettings = z.object({
  routingKey: secret.meta({ description: 'The integration key of Events API v2' }),
  url: z
    .url({ protocol: /^https?$/ })
    .default('https://events.pagerduty.com/v2/enqueue')
    .meta({ description: 'Of another region: https://events.eu.pagerduty.com/v2/enqueue' }),
});

/**
 * One incident for each source or deploy that fails: triggered with its failure, resolved with its end. The same key
 * again is the same incident.
 * @see https://developer.pagerduty.com/docs/events-api-v2-overview
 */
export const pagerdutyProvider: Provider<typeof pagerdutySettings> = {
  type: 'pagerduty',
  send: async ({ state, subject, severity, title, text, facts, at }, { routingKey, url }, deps) => {
    if (state !== 'failing' && state !== 'well') return;
    const routing_key = await deps.secret(routingKey);
    const key = { routing_key, dedup_key: keyOf(subject) };
    const payload = {
      summary: cut(title, SUMMARY),
      source: facts['source'] ?? subject,
      severity,
      timestamp: at,
      component: facts['deploy'] ?? facts['source'],
      group: facts['namespace'],
      class: facts['code'],
      custom_details: { ...facts, text },
    };
    const body =
      state === 'well'
        ? { ...key, event_action: 'resolve' }
        : { ...key, event_action: 'trigger', client: 'Landfall', payload };
    await postJson('pagerduty', { url, body }, deps);
  },
};
