import { Readable } from 'node:stream';
import type { Digest } from '../../../shared/oci/digest.ts';
import { MemoryRegistry } from '../../support/servers/memory-registry.ts';
import { CANARY, PASSWORDS } from './secrets.ts';

export interface SimulatedRequest {
  readonly origin: string;
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface SimulatedAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
}

/** What a registry does with one request beside answering it. */
export type Mood = 'well' | 'throttles' | 'breaks' | 'cuts' | 'lies' | 'echoes' | 'redirects';

/** A request that was made, as an eavesdropper at each host sees it. */
export interface SeenRequest {
  readonly at: number;
  readonly host: string;
  readonly method: string;
  readonly path: string;
  /** The login that it carried, or a token made of it. */
  readonly authorization: string | undefined;
}

/** Where blobs are, of those registries that send there. */
const STORAGE = 'storage.example';
const JSON_TYPE = 'application/json';

/** What is asked for here is written as the URL standard has it: parsing it took longer than the answer. */
const hostOf = (origin: string): string => origin.slice('https://'.length);
const pathOf = (path: string): string => path.split('?', 1)[0] ?? '';

/** Content, there or at the storage that a registry sends to. */
export const isForBlob = ({ origin, path }: SimulatedRequest): boolean =>
  path.includes('/blobs/') || hostOf(origin) === STORAGE;

/** Everything that answers HTTP in the simulated world: two registries with logins, and a storage that may see none. */
export class RegistryServer {
  readonly seen: SeenRequest[] = [];
  /** Until then the storage takes no address that was signed: it has run out. */
  deniesUntil = 0;
  readonly #repositories = new Map<string, MemoryRegistry>();
  readonly #now: () => number;
  #tokens = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @param name `host/repository` */
  repository(name: string): MemoryRegistry {
    const known = this.#repositories.get(name) ?? new MemoryRegistry();
    this.#repositories.set(name, known);
    return known;
  }

  async answer({ origin, path, method, headers }: SimulatedRequest, mood: Mood): Promise<SimulatedAnswer> {
    const host = hostOf(origin);
    const pathname = pathOf(path);
    const { authorization } = headers;
    this.seen.push({ at: this.#now(), host, method, path: pathname, authorization });
    if (pathname === '/token') return this.#token(host, authorization);
    if (mood === 'throttles') return said(429, { 'retry-after': '7' }, problem('TOOMANYREQUESTS', 'slower'));
    if (mood === 'breaks') return said(503, {}, problem('UNAVAILABLE', 'not now'));
    // A registry that says again what it was told, in an error that people are shown.
    if (mood === 'echoes')
      return said(403, {}, problem('DENIED', `no such ${authorization?.split(' ')[1] ?? ''}`));
    if (host === STORAGE && this.#now() < this.deniesUntil)
      return said(403, {}, '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>');
    if (host === STORAGE)
      return this.#blob(pathname.split('/').slice(1, 3).join('/'), pathname.split('/').at(-1) ?? '', mood);
    if (!isKnown(host, authorization)) return this.#challenge(host, pathname);
    return this.#content(host, pathname, { method, mood });
  }

  #challenge(host: string, pathname: string): SimulatedAnswer {
    const [, repository] = /^\/v2\/(.+?)\/(?:manifests|blobs|tags|referrers)\//.exec(pathname) ?? [];
    const bearer = `Bearer realm="https://${host}/token",service="${host}",scope="repository:${repository}:pull"`;
    const challenge = host === 'r1.example' ? bearer : 'Basic realm="all"';
    return said(401, { 'www-authenticate': challenge }, problem('UNAUTHORIZED', 'who are you'));
  }

  #token(host: string, authorization: string | undefined): SimulatedAnswer {
    if (authorization !== basicOf(host)) return said(401, {}, problem('UNAUTHORIZED', 'not you'));
    this.#tokens += 1;
    const token = `${CANARY}-token-${host}-${this.#tokens}`;
    return said(200, { 'content-type': JSON_TYPE }, JSON.stringify({ token, expires_in: 300 }));
  }

  async #content(
    host: string,
    pathname: string,
    { method, mood }: { readonly method: string; readonly mood: Mood },
  ): Promise<SimulatedAnswer> {
    const [, repository = '', kind, reference = ''] =
      /^\/v2\/(.+?)\/(manifests|blobs|tags|referrers)\/(.+)$/.exec(pathname) ?? [];
    const name = `${host}/${repository}`;
    if (kind === 'tags') {
      const tags = await this.repository(name).tags({ registry: host, repository });
      return said(200, { 'content-type': JSON_TYPE }, JSON.stringify({ name: repository, tags }));
    }
    if (kind === 'blobs') {
      const location = `https://${STORAGE}/${host}/${repository}/${reference}?X-Amz-Signature=${CANARY}-presigned`;
      return mood === 'redirects' ? said(307, { location }, '') : this.#blob(name, reference, mood);
    }
    if (kind !== 'manifests') return said(404, {}, problem('NOT_FOUND', 'no such page'));
    try {
      const found = await this.repository(name).manifest({ registry: host, repository }, reference);
      const bytes =
        mood === 'lies' ? Buffer.concat([found.bytes, Buffer.from(' ')]) : Buffer.from(found.bytes);
      const head = {
        'content-type': found.contentType ?? '',
        'content-length': String(bytes.length),
        'docker-content-digest': found.digest,
      };
      return said(200, head, method === 'HEAD' ? '' : bytes);
    } catch {
      return said(404, {}, problem('MANIFEST_UNKNOWN', 'manifest unknown'));
    }
  }

  #blob(name: string, digest: string, mood: Mood): SimulatedAnswer {
    const bytes = this.repository(name).blobs.get(digest as Digest);
    if (bytes === undefined) return said(404, {}, problem('BLOB_UNKNOWN', 'blob unknown'));
    const half = bytes.subarray(0, bytes.length >> 1);
    // Of a tar, the first byte of its first file.
    const at = Math.min(512, bytes.length - 1);
    const other = Buffer.from(bytes).fill(0x58, at, at + 1);
    return said(
      200,
      { 'content-length': String(bytes.length) },
      mood === 'lies' ? other : Buffer.from(bytes),
      {
        cutTo: mood === 'cuts' ? half : undefined,
      },
    );
  }
}

const basicOf = (host: string): string =>
  `Basic ${Buffer.from(`robot:${PASSWORDS[host]}`).toString('base64')}`;

const isKnown = (host: string, authorization: string | undefined): boolean =>
  host === 'r1.example'
    ? authorization?.startsWith(`Bearer ${CANARY}-token-${host}-`) === true
    : authorization === basicOf(host);

const problem = (code: string, message: string): string => JSON.stringify({ errors: [{ code, message }] });

function said(
  statusCode: number,
  headers: Readonly<Record<string, string>>,
  body: string | Buffer,
  { cutTo }: { readonly cutTo?: Uint8Array | undefined } = {},
): SimulatedAnswer {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const whole =
    cutTo === undefined
      ? Readable.from(bytes.length === 0 ? [] : [bytes], { objectMode: false })
      : cut(cutTo);
  return { statusCode, headers, body: whole };
}

/** Comes to an end before its length says so. */
function cut(bytes: Uint8Array): Readable {
  const body = new Readable({ read: () => undefined });
  // As undici's: one that nobody reads any more breaks in silence.
  body.on('error', () => undefined);
  body.push(bytes);
  queueMicrotask(() => body.destroy(new Error('other side closed')));
  return body;
}
