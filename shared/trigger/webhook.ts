/** An HTTP request as a receiver sees it, whatever listened for it. */
export interface Webhook {
  readonly method: string;
  /** With the query, if any; which is not looked at. */
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface WebhookWithBody extends Webhook {
  /** The bytes as sent: signatures are over these. */
  readonly body: Uint8Array;
}

/** What a sender is told. Nothing of what it sent is in it. */
export interface WebhookAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A header that came exactly once. A second one is somebody's trick, and as good as none. */
export function onlyHeader({ headers }: Webhook, name: string): string | undefined {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
  if (value === undefined || typeof value === 'string') return value;
  return value.length === 1 ? value[0] : undefined;
}
