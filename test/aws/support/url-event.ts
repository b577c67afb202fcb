import { signedHeaders } from '../../../shared/trigger/receivers/auth/standard-webhook.ts';
import { receiverPath } from '../../../shared/trigger/receivers/open-receiver.ts';

export const SECRET = 'correct horse battery staple';
const RECEIVER = { name: 'ci', type: 'generic' } as const;

export interface UrlAnswer {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A signed webhook as a Function URL hands it to the function. */
export const webhook = (
  body: unknown,
  { path = receiverPath(RECEIVER, SECRET), secret = SECRET, isBase64Encoded = true } = {},
) => {
  const bytes = Buffer.from(JSON.stringify(body));
  const headers = signedHeaders({ id: 'm', timestamp: Math.floor(Date.now() / 1000), body: bytes }, secret);
  return {
    version: '2.0',
    rawPath: path,
    headers: { ...headers, 'content-type': 'application/json', 'content-length': String(bytes.length) },
    requestContext: { http: { method: 'POST', path } },
    body: bytes.toString(isBase64Encoded ? 'base64' : 'utf8'),
    isBase64Encoded,
  };
};
