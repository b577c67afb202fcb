import { randomBytes } from 'node:crypto';

/** Where a span is: its trace, and itself in it. Both in lower-case hex. */
export interface TracePlace {
  readonly traceId: string;
  readonly spanId: string;
}

export interface Span extends TracePlace {
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'consumer' | 'client';
  /** Milliseconds since the epoch. */
  readonly start: number;
  readonly end: number;
  readonly attributes: Readonly<Record<string, string | number | undefined>>;
  /** Why it failed; absent: it did not. */
  readonly error?: string;
}

const newSpanId = (): string => randomBytes(8).toString('hex');
const newTraceId = (): string => randomBytes(16).toString('hex');

/** One in it, or the first of a trace of its own. */
export const placeUnder = (
  parent: TracePlace | undefined,
): TracePlace & { readonly parentSpanId?: string } => ({
  traceId: parent?.traceId ?? newTraceId(),
  spanId: newSpanId(),
  ...(parent !== undefined && { parentSpanId: parent.spanId }),
});

/** Whether a trace is one of so many; the same for all of its spans. @see https://opentelemetry.io/docs/specs/otel/trace/sdk/#traceidratiobased */
export const isSampled = (traceId: string, ratio: number): boolean =>
  Number.parseInt(traceId.slice(-13), 16) < ratio * 16 ** 13;

const KINDS = { internal: 1, server: 2, client: 3, consumer: 5 } as const;

const nanoseconds = (ms: number): string => `${BigInt(Math.round(ms * 1000)) * 1000n}`;

const attributesOf = (attributes: Span['attributes']) =>
  Object.entries(attributes).flatMap(([key, value]) => {
    if (value === undefined) return [];
    return [{ key, value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value } }];
  });

/** OTLP's JSON form. @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
const otlpSpan = ({ traceId, spanId, parentSpanId, name, kind, start, end, attributes, error }: Span) => ({
  traceId,
  spanId,
  ...(parentSpanId !== undefined && { parentSpanId }),
  name,
  kind: KINDS[kind],
  startTimeUnixNano: nanoseconds(start),
  endTimeUnixNano: nanoseconds(end),
  attributes: attributesOf(attributes),
  status: error === undefined ? {} : { code: 2, message: error },
});

/** The body of one export. */
export const otlpTraces = (
  spans: readonly Span[],
  { resource, version }: { readonly resource: Readonly<Record<string, string>>; readonly version: string },
) => ({
  resourceSpans: [
    {
      resource: { attributes: attributesOf(resource) },
      scopeSpans: [{ scope: { name: 'landfall', version }, spans: spans.map(otlpSpan) }],
    },
  ],
});
