import { createHash, createHmac } from 'node:crypto';

export interface SignatureKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** A GET that is to be signed. */
export interface SignedGet {
  /** `eks.eu-central-1.amazonaws.com`, with the port where it is not that of HTTPS. */
  readonly host: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Beside `host`, in lower case: all are signed. */
  readonly headers: Readonly<Record<string, string>>;
  readonly service: 'eks' | 'sts';
  readonly region: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly keys: SignatureKeys;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

const byName = ([a]: readonly [string, string], [b]: readonly [string, string]): number => (a < b ? -1 : 1);

const formatQuery = (query: Readonly<Record<string, string>>): string =>
  Object.entries(query)
    .map(([key, value]) => [encoded(key), encoded(value)] as const)
    .sort(byName)
    .map(([key, value]) => `${key}=${value}`)
    .join('&');

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** `20261129T100000Z`. */
const amzDate = (at: number): string => new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, '');

const scopeOf = ({ at, region, service }: SignedGet): string =>
  [amzDate(at).slice(0, 8), region, service, 'aws4_request'].join('/');

const namesOf = (headers: SignedGet['headers']): readonly string[] =>
  ['host', ...Object.keys(headers)].sort();

/** The signature of a GET without a body, whose headers and query have all that is to be in them. */
function signatureOf(request: SignedGet): string {
  const { host, path, query, headers, service, region, at, keys } = request;
  const names = namesOf(headers);
  const lines = names.map((name) => `${name}:${(name === 'host' ? host : (headers[name] ?? '')).trim()}\n`);
  const canonical = ['GET', path, formatQuery(query), lines.join(''), names.join(';'), sha256('')].join('\n');
  const text = [ALGORITHM, amzDate(at), scopeOf(request), sha256(canonical)].join('\n');
  const key = [amzDate(at).slice(0, 8), region, service, 'aws4_request'].reduce<Buffer | string>(
    (from, part) => hmac(from, part),
    `AWS4${keys.secretAccessKey}`,
  );
  return hmac(key, text).toString('hex');
}

/** The headers of a request with its signature. */
export function headersWithSignature(request: SignedGet): Readonly<Record<string, string>> {
  const { keys, at } = request;
  const headers = {
    ...request.headers,
    'x-amz-date': amzDate(at),
    ...(keys.sessionToken !== undefined && { 'x-amz-security-token': keys.sessionToken }),
  };
  const credential = `${keys.accessKeyId}/${scopeOf(request)}`;
  const signature = signatureOf({ ...request, headers });
  return {
    ...headers,
    authorization: `${ALGORITHM} Credential=${credential}, SignedHeaders=${namesOf(headers).join(';')}, Signature=${signature}`,
  };
}

/** The URL that says the same by itself, for so many seconds; whoever sends it has to send its headers, too. */
export function presignedUrl(request: SignedGet, expiresSeconds: number): string {
  const { host, path, headers, keys, at } = request;
  const query = {
    ...request.query,
    'X-Amz-Algorithm': ALGORITHM,
    'X-Amz-Credential': `${keys.accessKeyId}/${scopeOf(request)}`,
    'X-Amz-Date': amzDate(at),
    'X-Amz-Expires': String(expiresSeconds),
    'X-Amz-SignedHeaders': namesOf(headers).join(';'),
    ...(keys.sessionToken !== undefined && { 'X-Amz-Security-Token': keys.sessionToken }),
  };
  return `https://${host}${path}?${formatQuery(query)}&X-Amz-Signature=${signatureOf({ ...request, query })}`;
}
