import type { RequestOptions } from 'node:http';
import { connectionsFor } from '../request/connections.ts';
import { Signer } from '../request/signature.ts';
import { encodeKey } from '../request/uri-encoding.ts';
import type { S3Root } from './root.ts';
import { conflictWait, putObject } from './write.ts';

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

/** One exchange; the status alone is told. Rejects where there was no whole answer. */
function send(options: RequestOptions, protocol: string, body: Uint8Array): Promise<number> {
  const { request, agent } = connectionsFor(protocol);
  return new Promise((resolve, reject) => {
    const sent = request({ ...options, agent }, (response) => {
      response.on('error', reject);
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.resume();
    });
    sent.setTimeout(TIMEOUT_MS, () => sent.destroy(new Error('timeout')));
    sent.on('error', reject);
    sent.end(body);
  });
}

/** 0: there was no answer. */
const isTransient = (status: number): boolean =>
  status === 0 || status === 409 || status === 429 || status >= 500;

/**
 * PUTs of small objects, If-None-Match always, with as little done for each as can be. Whatever is not plain success,
 * `exists` or a passing trouble goes through the client once more, which corrects the clock and names the error.
 */
export function s3Puts(root: S3Root): S3Puts {
  const { target, credentials, now } = root.client;
  const signer = new Signer();
  let sent = 0;

  async function attempt({ key, bytes, sha256 }: SmallObject): Promise<number> {
    const path = `${target.basePath}${encodeKey(`${root.prefix}${key}`)}`;
    const headers = {
      'content-length': String(bytes.length),
      'if-none-match': '*',
      'x-amz-checksum-sha256': Buffer.from(sha256, 'hex').toString('base64'),
    };
    const { host, hostname, port, region, protocol } = target;
    const address = { host, path, query: '' };
    const signable = { method: 'PUT', ...address, headers, sha256, service: 's3', region };
    const signed = signer.sign(signable, await credentials(), now());
    sent += 1;
    const options = { method: 'PUT', hostname, path, headers: signed, ...(port !== undefined && { port }) };
    return send(options, protocol, bytes).catch(() => 0);
  }

  async function createByClient({ key, bytes, sha256 }: SmallObject): Promise<'created' | 'exists'> {
    sent += 1;
    return (await putObject(root, key, bytes, 'absent', sha256)).outcome === 'written' ? 'created' : 'exists';
  }

  return {
    get sent() {
      return sent;
    },
    create: async (object) => {
      for (let count = 1; count <= ATTEMPTS; count += 1) {
        const status = await attempt(object);
        if (status === 200) return 'created';
        if (status === 412) return 'exists';
        if (!isTransient(status)) break;
        await root.clock.sleep(conflictWait(count + 1));
      }
      return createByClient(object);
    },
  };
}
