import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerRequest, type Beginning, type S3Policy } from './answer-request.ts';
import { S3Bucket } from './s3-bucket.ts';
import { type S3Fault, S3Faults } from './s3-faults.ts';
import { operationOf, type S3Operation } from './s3-operation.ts';
import { S3Refusal } from './s3-refusal.ts';
import { refusalReply, type S3Reply } from './s3-reply.ts';
import { parseHead, readBody, type S3Head } from './s3-request.ts';
import { accessKeyIdOf, checkSigned, signedRegionOf } from './signature.ts';

/** One request as it was answered; status 0: it was not. */
interface S3Served {
  readonly operation: S3Operation;
  readonly key: string;
  readonly status: number;
  /** Of the body that came in. */
  readonly bytes: number;
  /** Whose signature it had; empty without one. */
  readonly accessKeyId: string;
  /** What its signature was made for; empty without one. */
  readonly region: string;
}

export interface S3ServerOptions {
  readonly buckets?: readonly string[];
  readonly policy?: S3Policy;
  /** Milliseconds between reading a request and doing it. */
  readonly latency?: (head: S3Head) => number;
  /** True: a conditional write whose key was written meanwhile is 409, where it otherwise is 412. */
  readonly conflicts?: boolean;
  /** False: copies have no checksum of their own, as where S3 copies in parts. Default true. */
  readonly copyChecksums?: boolean;
  readonly now?: () => number;
}

export interface S3Server {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly served: readonly S3Served[];
  readonly faults: S3Faults;
  /** @throws Error where there is no such bucket */
  bucket(name?: string): S3Bucket;
  /** One that was not there from the start. */
  addBucket(name: string): S3Bucket;
  /** Requests served of these kinds, answered in whatever way. */
  count(...operations: readonly S3Operation[]): number;
  forget(): void;
  close(): Promise<void>;
}

const REGION = 'eu-central-1';

async function strike(
  { trouble, meanwhile }: S3Fault,
  response: ServerResponse,
  ended: AbortSignal,
): Promise<never> {
  await meanwhile?.();
  if (trouble === 'cut') response.destroy();
  else if (trouble === 'stall') await sleep(60_000, undefined, { signal: ended }).catch(() => undefined);
  else throw new S3Refusal(trouble.status, trouble.code);
  throw new S3Refusal(0, 'Cut');
}

function send(response: ServerResponse, { status, headers = {}, body = '' }: S3Reply, isHead: boolean): void {
  if (response.destroyed || status === 0) return;
  const common = { 'x-amz-request-id': 'stand-in', 'x-amz-bucket-region': REGION };
  const length = isHead ? headers['content-length'] : undefined;
  response.writeHead(status, {
    ...common,
    ...headers,
    ...(status !== 204 && status !== 304 && { 'content-length': length ?? Buffer.byteLength(body) }),
  });
  response.end(isHead ? undefined : body);
}

/** An S3 in memory, for as long as a test takes. https://docs.aws.amazon.com/AmazonS3/latest/API/ */
export async function startS3Server({
  buckets: names = ['landfall'],
  policy = {},
  latency = () => 0,
  conflicts = false,
  copyChecksums = true,
  now = Date.now,
}: S3ServerOptions = {}): Promise<S3Server> {
  const buckets = new Map(names.map((name) => [name, new S3Bucket(now)]));
  const served: S3Served[] = [];
  const faults = new S3Faults();
  const ending = new AbortController();

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const head = parseHead(request, new Set(names));
    const operation = operationOf(head);
    const bucket = buckets.get(head.bucket);
    const beginning: Beginning = {
      before: bucket?.writes(head.key) ?? 0,
      hadObject: bucket?.objects.has(head.key) ?? false,
      conflicts,
    };
    let bytes = 0;
    let reply: S3Reply;
    const meet = async (when: S3Fault['when']): Promise<void> => {
      const fault = faults.take(operation, head.key, when);
      if (fault !== undefined) await strike(fault, response, ending.signal);
    };
    try {
      const body = await readBody(request);
      bytes = body.length;
      checkSigned(request.headers);
      await meet('before');
      const wait = latency(head);
      if (wait > 0) await sleep(wait);
      reply = answerRequest({ ...head, body }, { buckets, policy, beginning, copyChecksums });
      await meet('after');
    } catch (error) {
      const refusal = error instanceof S3Refusal ? error : new S3Refusal(500, 'InternalError', String(error));
      reply = refusalReply(refusal, `/${head.bucket}/${head.key}`);
    }
    const accessKeyId = accessKeyIdOf(head.headers);
    served.push({
      operation,
      key: head.key,
      status: reply.status,
      bytes,
      accessKeyId,
      region: signedRegionOf(head.headers),
    });
    send(response, reply, head.method === 'HEAD');
  };

  const server = createServer((request, response) => {
    request.on('error', () => undefined);
    answer(request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    served,
    faults,
    bucket: (name = names[0] ?? '') => {
      const bucket = buckets.get(name);
      if (bucket === undefined) throw new Error(`the stand-in has no bucket ${name}`);
      return bucket;
    },
    addBucket: (name) => {
      const bucket = new S3Bucket(now);
      buckets.set(name, bucket);
      return bucket;
    },
    count: (...operations) => served.filter(({ operation }) => operations.includes(operation)).length,
    forget: () => {
      served.length = 0;
    },
    close: async () => {
      ending.abort();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
