import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { isSampled } from '../../local/tracing/span.ts';
import { traceSettings } from '../../local/tracing/trace-settings.ts';
import { type Heard, type Script, scriptedProvider } from '../notify/scripted-provider.ts';
import { plantFiles } from '../support/artifacts/sample-artifacts.ts';
import { openServeMachine, SECRET, sourceLine } from '../support/programs/serve-machine.ts';
import { freePort } from '../support/servers/free-port.ts';
import { until } from '../support/until.ts';

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code?: number };
}

/** A collector's receiver of OTLP/HTTP in JSON. @see https://opentelemetry.io/docs/specs/otlp/#otlphttp-request */
const collectorScript: Script = ({ path, headers, body }) => {
  if (path !== '/v1/traces' || headers['content-type'] !== 'application/json') return { status: 404 };
  if (headers['x-key'] !== 'canary key') return { status: 401 };
  const isGood = spansIn([{ body }]).every(
    (span) =>
      /^[0-9a-f]{32}$/.test(span.traceId) &&
      /^[0-9a-f]{16}$/.test(span.spanId) &&
      /^\d{19}$/.test(span.startTimeUnixNano) &&
      BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano),
  );
  return isGood ? { status: 200, body: '{"partialSuccess":{}}' } : { status: 400 };
};

const spansIn = (heard: readonly Pick<Heard, 'body'>[]): readonly OtlpSpan[] =>
  heard.flatMap(({ body }) => {
    const { resourceSpans } = JSON.parse(body) as {
      resourceSpans: { scopeSpans: { spans: readonly OtlpSpan[] }[] }[];
    };
    return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
  });

test('one trace goes from a webhook through its reconcile to the deploy and who is told of it', async (t) => {
  const collector = await scriptedProvider(t, collectorScript);
  const hook = await scriptedProvider(t, () => ({ status: 200 }));
  const machine = await openServeMachine(t);
  await machine.write({
    sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')],
    deploys: ['{ name: live, source: web/app, kind: command, command: [grep, -q, good, app.yaml] }'],
    notify: [`{ name: team, type: webhook, url: "${hook.url}/x", quiet: 0s }`],
  });
  plantFiles(machine.registry, 'stable', { 'app.yaml': 'good: 1\n' });
  const listen = `127.0.0.1:${await freePort()}`;
  const serve = await machine.serve({
    argv: ['--listen', listen],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_HEADERS: 'x-key=canary%20key' },
  });
  await serve.logged('deploy applied');
  plantFiles(machine.registry, 'stable', { 'app.yaml': 'bad: 1\n' });
  const target = {
    repository: 'team/app',
    tag: 'stable',
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
  };
  await fetch(`${serve.url}${machine.receiverPath('hub')}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' },
    body: JSON.stringify({ events: [{ action: 'push', target }] }),
  });
  await serve.logged('deploy failed');
  await until('the failure to be told', () => hook.heard.find(({ body }) => body.includes('Deploy Failed')));
  const spans = await until('the spans', () => {
    const all = spansIn(collector.heard);
    const trace = all.find(({ name }) => name === 'webhook hub')?.traceId;
    const found = all.filter(({ traceId }) => traceId === trace);
    return found.some(({ name }) => name === 'notify team') ? found : undefined;
  });
  const named = (name: string) => spans.find((span) => span.name === name);
  const chain = ['webhook hub', 'reconcile', 'deploy live', 'notify team'].map(named);
  assert.deepEqual(
    chain.map((span) => span?.parentSpanId),
    [undefined, ...chain.slice(0, 3).map((span) => span?.spanId)],
  );
  assert.deepEqual(
    chain.map((span) => span?.status.code),
    [undefined, undefined, 2, undefined],
  );
  const { stderr } = await serve.end('SIGTERM');
  assert.ok(!stderr.includes('canary key'));
  assert.ok(!stderr.includes('traces are lost'), stderr);
});

test('variables of OpenTelemetry are read as it says', () => {
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c.example:4318/' };
  assert.equal(traceSettings({}), undefined);
  assert.equal(traceSettings(endpoint)?.url, 'http://c.example:4318/v1/traces');
  assert.equal(
    traceSettings({ ...endpoint, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t.example/own' })?.url,
    'http://t.example/own',
  );
  assert.equal(traceSettings({ ...endpoint, OTEL_SDK_DISABLED: 'true' }), undefined);
  assert.equal(traceSettings({ ...endpoint, OTEL_TRACES_EXPORTER: 'none' }), undefined);
  assert.deepEqual(traceSettings({ ...endpoint, OTEL_EXPORTER_OTLP_HEADERS: 'a=1, b=x%3Dy' })?.headers, {
    a: '1',
    b: 'x=y',
  });
  const ratio = (sampler: string, arg = '0.25') =>
    traceSettings({ ...endpoint, OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: arg })?.ratio;
  assert.deepEqual(
    ['traceidratio', 'always_off', 'always_on', 'parentbased_traceidratio'].map((each) => ratio(each)),
    [0.25, 0, 1, 0.25],
  );
  assert.equal(ratio('traceidratio', ''), 1, 'an empty variable is not set');
  assert.deepEqual(
    traceSettings({
      ...endpoint,
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: '',
      OTEL_EXPORTER_OTLP_HEADERS: 'a=1',
      OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '',
      OTEL_EXPORTER_OTLP_TIMEOUT: '90000',
      OTEL_SERVICE_NAME: 'one',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=two,team=web',
    }),
    {
      url: 'http://c.example:4318/v1/traces',
      headers: { a: '1' },
      timeoutMs: 60_000,
      ratio: 1,
      resource: { 'service.name': 'one', team: 'web' },
    },
  );
  assert.throws(() => traceSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: 'c.example' }), { code: 'USAGE' });
});

test('a ratio takes its part of traces, and all or none of their spans', () => {
  const traces = Array.from({ length: 1_000 }, (_, at) => createHash('md5').update(String(at)).digest('hex'));
  assert.equal(traces.filter((id) => isSampled(id, 1)).length, 1_000);
  assert.equal(traces.filter((id) => isSampled(id, 0)).length, 0);
  const quarter = traces.filter((id) => isSampled(id, 0.25)).length;
  assert.ok(quarter > 200 && quarter < 300, `${quarter} of 1,000`);
  assert.ok(isSampled('0'.repeat(32), 0.1) && !isSampled('f'.repeat(32), 0.9));
});
