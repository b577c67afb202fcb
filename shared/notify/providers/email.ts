import * as z from 'zod';
import { knownSecrets } from '../../credentials/known-secrets.ts';
import { secret } from '../../credentials/secret-schema.ts';
import { messageOf } from '../../errors.ts';
import {
  ADDRESS_CHARACTERS,
  NOTIFY_RECIPIENTS,
  NOTIFY_TIMEOUT_MS,
  SUBDOMAIN_CHARACTERS,
} from '../../limits.ts';
import { notifyRefused, notifyUnavailable } from './answer.ts';
import type { Provider } from './provider.ts';
import { cut, mark, plainText } from './words.ts';

const address = z.email();
const SUBJECT = 200;

/** 5xx is final, and so are what names nobody and a login that is wrong; everything else is worth another try. */
function isFinal(error: unknown): boolean {
  const { responseCode, code } = error as { readonly responseCode?: number; readonly code?: string };
  if (code === 'EAUTH') return responseCode === undefined || responseCode >= 500;
  return (responseCode ?? 0) >= 500;
}

export const emailSettings = z.object({
  host: z.string().min(1).max(SUBDOMAIN_CHARACTERS),
  port: z.int().min(1).max(65_535).default(587),
  tls: z
    .enum(['starttls', 'implicit', 'off'])
    .default('starttls')
    .meta({ description: 'implicit: from the first byte, as on port 465' }),
  username: z.string().min(1).max(ADDRESS_CHARACTERS).exactOptional(),
  password: secret.exactOptional(),
  from: address,
  to: z.array(address).min(1).max(NOTIFY_RECIPIENTS),
});

/** `smtps://HOST:PORT`; `smtp://` where it is not encrypted. */
export const mailPlace = ({
  host,
  port,
  tls,
}: Pick<z.output<typeof emailSettings>, 'host' | 'port' | 'tls'>): string =>
  `${tls === 'off' ? 'smtp' : 'smtps'}://${host}:${port}`;

/** Mail by SMTP, encrypted unless the document says otherwise. */
export const emailProvider: Provider<typeof emailSettings> = {
  type: 'email',
  send: async (notification, { host, port, tls, username, password, from, to }, deps) => {
    const pass = password === undefined ? undefined : await deps.secret(password);
    deps.goesTo(mailPlace({ host, port, tls }));
    const { createTransport } = await import('./smtp-client.ts');
    const transport = createTransport({
      host,
      port,
      secure: tls === 'implicit',
      requireTLS: tls === 'starttls',
      ignoreTLS: tls === 'off',
      connectionTimeout: NOTIFY_TIMEOUT_MS,
      greetingTimeout: NOTIFY_TIMEOUT_MS,
      socketTimeout: NOTIFY_TIMEOUT_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
      ...(username !== undefined && pass !== undefined && { auth: { user: username, pass } }),
    });
    const stop = (): void => transport.close();
    deps.signal.addEventListener('abort', stop, { once: true });
    try {
      await transport.sendMail({
        from,
        to: [...to],
        subject: cut(`${mark(notification)} ${notification.title}`, SUBJECT),
        text: plainText(notification),
        // The same again is known as the same by whoever reads it.
        messageId: `<${Buffer.from(notification.id).toString('base64url')}@landfall>`,
        references: `<${Buffer.from(notification.subject).toString('base64url')}@landfall>`,
      });
    } catch (error) {
      const why = knownSecrets.mask(messageOf(error));
      throw isFinal(error)
        ? notifyRefused(`email: ${host}: ${why}`)
        : notifyUnavailable(`email: ${host}: ${why}`);
    } finally {
      deps.signal.removeEventListener('abort', stop);
      transport.close();
    }
  },
};
