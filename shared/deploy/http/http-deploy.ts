import { knownSecrets } from '../../credentials/known-secrets.ts';
import { LandfallError, messageOf } from '../../errors.ts';
import type { EventEnvelope } from '../../model/envelope.ts';
import { formatSourceId } from '../../model/ids.ts';
import { defineDeploy } from '../kit/define-deploy.ts';
import type { DeployContext } from '../kit/deploy-context.ts';
import { deployFailed, deployUnavailable } from '../kit/failures.ts';
import { type HttpSettings, httpSettings } from './http-settings.ts';

/**
 * The event in CloudEvents' structured JSON form.
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
 */
const cloudEvent = (event: EventEnvelope): Record<string, unknown> => ({
  specversion: '1.0',
  id: event.id,
  source: `/landfall/${formatSourceId(event.detail)}`,
  type: `landfall.${event['detail-type'].toLowerCase().replaceAll(' ', '.')}`,
  subject: event.detail.revision,
  time: event.time,
  datacontenttype: 'application/json',
  data: event.detail,
});

/** Statuses that say "later": everything else outside 2xx is final for this revision. */
const isTransient = (status: number): boolean =>
  status === 408 || status === 425 || status === 429 || status >= 500;

type Context = DeployContext<HttpSettings>;

/** POSTs the event; 2xx is success. Redirects are not followed: the URL is the operator's, and stays so. */
export const httpDeploy = defineDeploy<HttpSettings>({
  kind: 'http',
  settings: httpSettings,
  plan: async ({ settings: { url }, revision }) => ({
    changes: [{ action: 'run', what: `POST ${new URL(url).origin}`, why: revision.revision }],
    summary: 'the event is posted',
  }),
  step: async (context) => {
    const status = await post(context);
    if (status >= 200 && status < 300) return { state: 'succeeded' };
    const { deploy, settings: own } = context;
    const told = `deploy ${deploy.name}: POST ${new URL(own.url).origin} answered ${status}, wanted 2xx`;
    const hint = 'Look at the receiving end; the event can be seen with: landfall get events';
    throw isTransient(status) ? deployUnavailable(told, { hint }) : deployFailed(told, { hint });
  },
});

async function post({ deploy, settings: own, event, signal, secret }: Context): Promise<number> {
  const headers: Record<string, string> = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
  for (const [name, value] of Object.entries(own.headers ?? {})) {
    headers[name.toLowerCase()] = typeof value === 'string' ? value : await secret(value);
  }
  try {
    const { request } = await import('./http-client.ts');
    const response = await request(own.url, {
      method: 'POST',
      headers,
      body: JSON.stringify(cloudEvent(event)),
      signal,
    });
    await response.body.dump();
    return response.statusCode;
  } catch (cause) {
    if (cause instanceof LandfallError) throw cause;
    const why = knownSecrets.mask(messageOf(cause));
    throw deployUnavailable(`deploy ${deploy.name}: ${new URL(own.url).origin} cannot be reached: ${why}`, {
      cause,
    });
  }
}
