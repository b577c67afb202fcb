import { createHmac } from 'node:crypto';
import type { PushHint, ReceiverBinding, ReceiverDeps } from '../../../shared/trigger/receivers/receiver.ts';

/** One body as its sender writes it, and what is to be made of it. */
export interface PayloadCase {
  readonly name: string;
  /** JSON, or a text as it is. */
  readonly body: unknown;
  /** Beside those of `sign`, and before them. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Empty: it is ignored. */
  readonly want: readonly PushHint[];
  /** Accepted, and told to be no webhook of this sender. */
  readonly isMalformed?: boolean;
}

/** What one type of sender sends. Made by hand from the documents of the sender. */
export interface SenderFixture {
  readonly entry: ReceiverBinding;
  /** What the receiver is opened with beside a secret and a stopped clock. */
  readonly deps?: Partial<ReceiverDeps>;
  /** The headers that make a body authentic; undefined: the path is all that the sender can keep secret. */
  readonly sign?: (body: Uint8Array, secret: string) => Readonly<Record<string, string>>;
  /** Whether the signature is over the body. */
  readonly signsBody?: boolean;
  readonly cases: readonly PayloadCase[];
}

export const REGISTRY = 'registry.example';
export const REPOSITORY = 'team/app';
export const TAG = '1.2.3';
export const DIGEST = `sha256:${'5e'.repeat(32)}`;
export const OTHER_DIGEST = `sha256:${'0a'.repeat(32)}`;

/** What most pushes come to. */
export const PUSHED: readonly PushHint[] = [{ repository: REPOSITORY, tag: TAG, digest: DIGEST }];
export const TAGGED: readonly PushHint[] = [{ repository: REPOSITORY, tag: TAG }];
export const UNTAGGED: readonly PushHint[] = [{ repository: REPOSITORY, digest: DIGEST }];

export const hmac = (body: Uint8Array | string, secret: string, algorithm = 'sha256'): string =>
  createHmac(algorithm, secret).update(body).digest('hex');

export const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
export const form = (value: unknown): string =>
  new URLSearchParams({ payload: JSON.stringify(value) }).toString();
