import type { TemplateHost } from '../../support/template-host/template-host.ts';

/** Requests to S3, by operation. */
export type Asked = Readonly<Record<string, number>>;

const REST_MINUTES = 5;
/** Twenty minutes have two listings of every ten minutes, and one of every hour: one five is without at least. */
const FIVES = 4;

/** What S3 is asked by the polls of some minutes. */
export async function pollsOf(host: TemplateHost, minutes: number): Promise<Asked> {
  host.s3.forget();
  await host.pass(minutes);
  const asked = Map.groupBy(host.s3.served, ({ operation }) => operation);
  return Object.fromEntries(asked.entries().map(([name, all]) => [name, all.length]));
}

/**
 * What five minutes of polls ask where nothing has happened. Statuses are listed each ten minutes and documents each
 * full hour: when that is here depends on when a test began, and on when a late message wrote a status.
 */
export async function pollsAtRest(host: TemplateHost): Promise<Asked> {
  await pollsOf(host, 12);
  const fives: Asked[] = [];
  for (let at = 0; at < FIVES; at += 1) {
    const asked = await pollsOf(host, REST_MINUTES);
    if (asked['ListObjectsV2'] === undefined) return asked;
    fives.push(asked);
  }
  throw new Error(`each five minutes list: ${JSON.stringify(fives)}`);
}
