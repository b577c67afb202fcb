import { type HttpListener, startHttpListener } from '../../shared/trigger/http-listener.ts';
import type { Webhook, WebhookAnswer } from '../../shared/trigger/webhook.ts';
import { CONTENT_TYPE } from './exposition.ts';

export interface MetricsEndpointDeps {
  /** What a scrape gets. */
  readonly scrape: () => Promise<string>;
  /** Why nothing is to be expected of it, a line each; none: it is ready. */
  readonly unready: () => Promise<readonly string[]>;
  /** Why it has to be started again, a line each; none: it lives. */
  readonly dead: () => readonly string[];
}

const METHOD: WebhookAnswer = { status: 405, headers: { allow: 'GET, HEAD' }, body: 'method not allowed\n' };
const NOT_FOUND: WebhookAnswer = { status: 404, body: 'not found: there are /metrics, /readyz and /livez\n' };

const pathOf = ({ path }: Webhook): string => path.split('?', 1)[0] ?? '';

/** `ok`, or each reason on a line; as JSON for who asks for that. */
function verdict({ headers }: Webhook, reasons: readonly string[]): WebhookAnswer {
  const status = reasons.length === 0 ? 200 : 503;
  const noStore = { 'cache-control': 'no-store' };
  if (String(headers['accept'] ?? '').includes('application/json')) {
    const body = `${JSON.stringify({ ok: reasons.length === 0, reasons })}\n`;
    return { status, headers: { ...noStore, 'content-type': 'application/json; charset=utf-8' }, body };
  }
  return { status, headers: noStore, body: reasons.length === 0 ? 'ok\n' : `${reasons.join('\n')}\n` };
}

const ANSWERS: Readonly<
  Record<string, (asked: Webhook, deps: MetricsEndpointDeps) => Promise<WebhookAnswer>>
> = {
  '/metrics': async (_, { scrape }) => ({
    status: 200,
    headers: { 'content-type': CONTENT_TYPE },
    body: await scrape(),
  }),
  '/readyz': async (asked, { unready }) => verdict(asked, await unready()),
  '/livez': async (asked, { dead }) => verdict(asked, dead()),
};

/**
 * Answers `/metrics`, `/readyz` and `/livez`, beside webhooks or without them.
 * @throws LandfallError USAGE where the address cannot be had
 */
export const listenMetrics = (
  address: { readonly host: string; readonly port: number },
  deps: MetricsEndpointDeps,
): Promise<HttpListener> =>
  startHttpListener(
    { ...address, flag: '--metrics' },
    {
      refuseHead: (asked) => {
        if (!Object.hasOwn(ANSWERS, pathOf(asked))) return NOT_FOUND;
        return asked.method === 'GET' || asked.method === 'HEAD' ? undefined : METHOD;
      },
      receive: (asked) => ANSWERS[pathOf(asked)]?.(asked, deps) ?? Promise.resolve(NOT_FOUND),
    },
  );
