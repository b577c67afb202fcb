import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocuments } from '../../../shared/source/document.ts';

const parse = (deploy: string) => {
  const text = `sources: [{ name: web, url: oci://r.example/web }]\ndeploys: [${deploy}]`;
  return parseDocuments([{ file: '/etc/landfall/web.yaml', text }]).deploys[0];
};

test('reads what every kind of deploy may have', () => {
  assert.deepEqual(
    parse(`{
      name: live, kind: site, bucket: web, source: web, path: app, labels: { tier: prod }, timeout: 2m,
      retry: { limit: 3 }, rollback: onFailure, dependsOn: [data], approval: required, dryRun: true, suspend: true,
      windows: [{ allow: "0 9 * * mon-fri", timeZone: Europe/Berlin, for: 8h }, { deny: "0 0 24 12 *", for: 72h }],
      interval: 10m, drift: correct, prune: true, history: 5, region: eu-central-1,
      role: { arn: "arn:aws:iam::123456789012:role/deploys/web", externalId: landfall-1 } }`),
    {
      name: 'live',
      kind: 'site',
      source: 'default/web',
      path: 'app',
      labels: { tier: 'prod' },
      timeoutMs: 120_000,
      tries: 3,
      rollback: 'onFailure',
      dependsOn: ['data'],
      approval: 'required',
      dryRun: true,
      suspend: true,
      windows: [
        { is: 'allow', cron: '0 9 * * mon-fri', timeZone: 'Europe/Berlin', forMs: 8 * 3_600_000 },
        { is: 'deny', cron: '0 0 24 12 *', timeZone: 'UTC', forMs: 72 * 3_600_000 },
      ],
      intervalMs: 600_000,
      drift: 'correct',
      prune: true,
      history: 5,
      region: 'eu-central-1',
      role: { arn: 'arn:aws:iam::123456789012:role/deploys/web', externalId: 'landfall-1' },
      settings: { bucket: 'web', immutable: [], cacheControl: 'no-cache' },
    },
  );
});

test('gives what takes its time an hour, unless it is told, and lets it have longer', () => {
  const service = 'name: s, kind: service, source: web, cluster: c, service: s, containers: [app]';
  assert.equal(parse(`{ ${service} }`)?.timeoutMs, 3_600_000);
  assert.equal(parse(`{ ${service}, timeout: 36h }`)?.timeoutMs, 36 * 3_600_000);
});

test('keeps what a kind has by itself apart from what all have', () => {
  const entry = parse('{ name: s, kind: function, source: web, function: web, alias: live }');
  assert.partialDeepStrictEqual(entry, { settings: { function: 'web', alias: 'live', alarms: [] } });
  assert.ok(entry !== undefined && !('alias' in entry));
});
