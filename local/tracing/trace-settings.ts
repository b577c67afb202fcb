import { knownSecrets } from '../../shared/credentials/known-secrets.ts';
import type { Environment } from '../../shared/credentials/secret.ts';
import { LandfallError } from '../../shared/errors.ts';

/** How spans leave, by OpenTelemetry's own variables. */
export interface TraceSettings {
  /** Where spans are posted. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** From 0 to 1: how many of all traces. */
  readonly ratio: number;
  /** Of the process: `service.name` and what is given. */
  readonly resource: Readonly<Record<string, string>>;
}

const PATIENCE_MS = 10_000;
const LONGEST_PATIENCE_MS = 60_000;

/** `k=v,k2=v2`, with percent-encoded values, as W3C's baggage has it. */
const pairsIn = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text.split(',').flatMap((pair) => {
      const at = pair.indexOf('=');
      if (at <= 0) return [];
      return [[pair.slice(0, at).trim(), decoded(pair.slice(at + 1).trim())]];
    }),
  );

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function urlIn(env: Environment): string | undefined {
  const own = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
  const all = env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  const text = own || (all && `${all.replace(/\/+$/, '')}/v1/traces`);
  if (!text) return undefined;
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol)) return url.href;
  throw new LandfallError('USAGE', 'the endpoint of OpenTelemetry is no http:// or https:// URL', {
    hint: 'Correct OTEL_EXPORTER_OTLP_ENDPOINT, e.g. http://127.0.0.1:4318.',
  });
}

function ratioIn(env: Environment): number {
  const sampler = env['OTEL_TRACES_SAMPLER'] || 'parentbased_always_on';
  if (sampler.endsWith('always_off')) return 0;
  const ratio = Number(env['OTEL_TRACES_SAMPLER_ARG'] || '1');
  return sampler.endsWith('traceidratio') && ratio >= 0 && ratio <= 1 ? ratio : 1;
}

const isOff = (env: Environment): boolean =>
  env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true' || env['OTEL_TRACES_EXPORTER'] === 'none';

/**
 * Reads the variables, empty ones as not set; undefined: nobody asks for traces.
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 * @see https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 * @throws LandfallError USAGE of an endpoint that is none
 */
export function traceSettings(env: Environment): TraceSettings | undefined {
  const url = isOff(env) ? undefined : urlIn(env);
  if (url === undefined) return undefined;
  const headers = pairsIn(
    env['OTEL_EXPORTER_OTLP_TRACES_HEADERS'] || env['OTEL_EXPORTER_OTLP_HEADERS'] || '',
  );
  for (const value of Object.values(headers)) knownSecrets.note(value);
  const timeout = Number(
    env['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT'] || env['OTEL_EXPORTER_OTLP_TIMEOUT'] || PATIENCE_MS,
  );
  return {
    url,
    headers,
    timeoutMs: timeout > 0 ? Math.min(timeout, LONGEST_PATIENCE_MS) : PATIENCE_MS,
    ratio: ratioIn(env),
    resource: {
      'service.name': 'landfall',
      ...pairsIn(env['OTEL_RESOURCE_ATTRIBUTES'] ?? ''),
      ...(env['OTEL_SERVICE_NAME'] && { 'service.name': env['OTEL_SERVICE_NAME'] }),
    },
  };
}
