import { request } from 'undici';
import { knownSecrets } from '../credentials/known-secrets.ts';
import { readSecret, type SecretDeps } from '../credentials/secret.ts';
import { LandfallError } from '../errors.ts';
import type { EventEnvelope } from '../model/envelope.ts';
import { formatSourceId } from '../model/ids.ts';
import type { DeployEntry } from '../source/deploy-entry.ts';
import type { Deployer, DeployInput } from './deployer.ts';

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

/** POSTs the event; 2xx is success. Redirects are not followed: the URL is the operator's, and stays so. */
export const httpDeployer = (secrets: SecretDeps): Deployer<DeployEntry<'http'>> => ({
  apply: async ({ deploy, event, signal }) => {
    const status = await post({ deploy, event, signal }, secrets);
    if (status >= 200 && status < 300) return;
    throw new LandfallError(
      isTransient(status) ? 'DEPLOY_UNAVAILABLE' : 'DEPLOY_FAILED',
      `deploy ${deploy.name}: POST ${new URL(deploy.url).origin} answered ${status}, wanted 2xx`,
      { hint: 'Look at the receiving end; the event can be seen with: landfall get events' },
    );
  },
});

async function post(
  { deploy, event, signal }: Pick<DeployInput<DeployEntry<'http'>>, 'deploy' | 'event' | 'signal'>,
  secrets: SecretDeps,
): Promise<number> {
  const headers: Record<string, string> = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
  for (const [name, value] of Object.entries(deploy.headers ?? {})) {
    headers[name.toLowerCase()] = typeof value === 'string' ? value : await readSecret(value, secrets);
  }
  try {
    const response = await request(deploy.url, {
      method: 'POST',
      headers,
      body: JSON.stringify(cloudEvent(event)),
      signal,
    });
    await response.body.dump();
    return response.statusCode;
  } catch (cause) {
    if (cause instanceof LandfallError) throw cause;
    const why = knownSecrets.mask(cause instanceof Error ? cause.message : String(cause));
    throw new LandfallError(
      'DEPLOY_UNAVAILABLE',
      `deploy ${deploy.name}: ${new URL(deploy.url).origin} cannot be reached: ${why}`,
      {
        cause,
      },
    );
  }
}
