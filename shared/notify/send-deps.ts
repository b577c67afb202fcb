import type { SecretLocation } from '../credentials/credential-entry.ts';
import type { SendDeps } from './providers/provider.ts';
import type { MessagePlace, ReadSecret } from './secret-places.ts';
import { sendHttp } from './send-http.ts';

export interface SendPorts extends Pick<SendDeps, 'publish' | 'signal'> {
  readonly secret: (where: SecretLocation) => Promise<string>;
  /** Holds back what was read for a message from where it may not go. Absent: it goes where its entry says. */
  readonly checkPlace?: (to: MessagePlace, read: readonly ReadSecret[]) => void;
}

/** What one message is sent with. */
export function sendDeps({ secret, publish, signal, checkPlace }: SendPorts): SendDeps {
  const read: ReadSecret[] = [];
  return {
    secret: async (where) => {
      if (typeof where === 'string') return where;
      const text = await secret(where);
      read.push({ location: where, text });
      return text;
    },
    http: async (request) => {
      // What is no address is refused where it is sent, and is not shown.
      const place = URL.parse(request.url)?.origin;
      if (place !== undefined) checkPlace?.({ place, url: request.url }, read);
      return sendHttp(request, signal);
    },
    publish,
    goesTo: (place) => checkPlace?.({ place }, read),
    signal,
  };
}
