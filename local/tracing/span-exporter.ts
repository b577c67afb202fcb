import { asLandfallError } from '../../shared/errors.ts';
import { background } from '../../shared/kernel/background.ts';
import type { Log } from '../../shared/log.ts';
import { sendHttp } from '../../shared/notify/send-http.ts';
import { VERSION } from '../../shared/version.ts';
import { isSampled, otlpTraces, type Span } from './span.ts';
import type { TraceSettings } from './trace-settings.ts';

/** Spans that wait; more than these are dropped, and never what they tell of. */
const WAITING = 2_048;
const EXPORT_EVERY_MS = 2_000;

/** Posts spans now and then, beside the work; what a collector does not take is gone, and told once. */
export class SpanExporter implements AsyncDisposable {
  readonly #settings: TraceSettings;
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout;
  #waiting: Span[] = [];
  #exporting: Promise<void> = Promise.resolve();
  #isFailing = false;

  constructor(settings: TraceSettings, log: Log) {
    this.#settings = settings;
    this.#log = log;
    this.#timer = setInterval(
      () => background('exporting traces', this.flush(), log),
      EXPORT_EVERY_MS,
    ).unref();
  }

  add(span: Span): void {
    if (this.#waiting.length < WAITING && isSampled(span.traceId, this.#settings.ratio))
      this.#waiting.push(span);
  }

  /** Resolves when what waits has been posted, or lost. */
  flush(): Promise<void> {
    this.#exporting = this.#exporting.then(() => this.#export());
    return this.#exporting;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  async #export(): Promise<void> {
    const spans = this.#waiting;
    if (spans.length === 0) return;
    this.#waiting = [];
    const { url, headers, timeoutMs, resource } = this.#settings;
    try {
      const body = JSON.stringify(otlpTraces(spans, { resource, version: VERSION }));
      const json = { ...headers, 'content-type': 'application/json' };
      const { status } = await sendHttp(
        { url, headers: json, body },
        new AbortController().signal,
        timeoutMs,
      );
      if (status >= 300) throw new Error(`the collector answered ${status}`);
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing)
        this.#log('warn', 'traces are lost', { error: asLandfallError(error).message, spans: spans.length });
      this.#isFailing = true;
    }
  }
}
