import { type ClientRequestArgs, Agent as HttpAgent, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { SOCKETS } from './s3-client.ts';
import type { S3Root } from './s3-root.ts';
import { encodeKey, PutSigner } from './s3-signature.ts';
import type { S3Target } from './s3-target.ts';
import { conflictWait, putObject } from './s3-write.ts';

/** A small object to be created; the hash is known because unpacking made it. */
export interface SmallObject {
  readonly key: string;
  readonly bytes: Uint8Array;
  /** Lower-case hex. */
  readonly sha256: string;
}

export interface S3Puts {
  /** PUTs sent, tries that failed included. */
  readonly sent: number;
  /** Creates an object where there is none. @throws LandfallError as s3Error has it */
  create(object: SmallObject): Promise<'created' | 'exists'>;
}

const ATTEMPTS = 6;
const TIMEOUT_MS = 30_000;
const AGENTS = {
  http: new HttpAgent({ keepAlive: true, maxSockets: SOCKETS }),
  https: new HttpsAgent({ keepAlive: true, maxSockets: SOCKETS }),
};

/** One exchange; the status alone is told. Rejects where there was no whole answer. */
function send(options: ClientRequestArgs, isPlain: boolean, body: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = (isPlain ? requestHttp : requestHttps)(
      { ...options, agent: isPlain ? AGENTS.http : AGENTS.https },
      (response) => {
        response.on('error', reject);
        response.on('end', () => resolve(response.statusCode ?? 0));
        response.resume();
      },
    );
    request.setTimeout(TIMEOUT_MS, () => request.destroy(new Error('timeout')));
    request.on('error', reject);
    request.end(body);
  });
}

/** 0: there was no answer. */
const isTransient = (status: number): boolean =>
  status === 0 || status === 409 || status === 429 || status >= 500;

/**
 * PUTs of small objects, If-None-Match always, at a fifth of the CPU the SDK's client takes for one: its signature is
 * made here, the rest of what the SDK does is left to the SDK. Whatever is not plain success, `exists` or a passing
 * trouble goes through its client once more, which renews credentials, corrects the clock and names the error; so does
 * everything where there is no target.
 */
export function s3Puts(root: S3Root, target: S3Target | undefined): S3Puts {
  const signer = new PutSigner();
  let sent = 0;

  async function attempt(to: S3Target, { key, bytes, sha256 }: SmallObject): Promise<number> {
    const path = `${to.basePath}${encodeKey(`${root.prefix}${key}`)}`;
    const headers = {
      'content-length': String(bytes.length),
      'if-none-match': '*',
      'x-amz-checksum-sha256': Buffer.from(sha256, 'hex').toString('base64'),
    };
    const { systemClockOffset } = root.client.config;
    const credentials = await root.client.config.credentials();
    const put = { host: to.host, path, region: to.region, sha256, headers };
    const signed = signer.sign(put, credentials, root.clock.now() + systemClockOffset);
    sent += 1;
    const { hostname, port } = to;
    const options = { method: 'PUT', hostname, path, headers: signed, ...(port !== undefined && { port }) };
    return send(options, to.isPlain, bytes).catch(() => 0);
  }

  async function createBySdk({ key, bytes, sha256 }: SmallObject): Promise<'created' | 'exists'> {
    sent += 1;
    return (await putObject(root, key, bytes, 'absent', sha256)).outcome === 'written' ? 'created' : 'exists';
  }

  return {
    get sent() {
      return sent;
    },
    create: async (object) => {
      for (let count = 1; target !== undefined && count <= ATTEMPTS; count += 1) {
        const status = await attempt(target, object);
        if (status === 200) return 'created';
        if (status === 412) return 'exists';
        if (!isTransient(status)) break;
        await root.clock.sleep(conflictWait(count + 1));
      }
      return createBySdk(object);
    },
  };
}
