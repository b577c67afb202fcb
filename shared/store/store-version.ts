import * as z from 'zod/mini';
import { LandfallError } from '../errors.ts';
import type { CallOptions } from '../kernel/call-options.ts';
import { parseObject } from '../kernel/json.ts';
import { VERSION_KEY } from './layout.ts';
import type { ObjectStore } from './object-store.ts';

/** The layout of layout.ts and the documents under it. Raised when an older Landfall would misread what is there. */
const STORE_FORMAT_VERSION = 1;

const schema = z.object({ formatVersion: z.int().check(z.positive()) });

function parseVersion(bytes: Uint8Array, where: string): number {
  const read = schema.safeParse(parseObject(bytes));
  if (read.success) return read.data.formatVersion;
  throw new LandfallError('STORE_CORRUPT', `store: ${where} is not {"formatVersion": <number>}`, {
    cause: read.error,
    hint: `Is this a Landfall store? If so, restore the file as {"formatVersion":${STORE_FORMAT_VERSION}}.`,
  });
}

/**
 * Marks a new store, and refuses one that a later Landfall made. `where` names it in messages.
 * @throws LandfallError STORE_VERSION, STORE_CORRUPT
 */
export async function checkStoreVersion(
  objects: Pick<ObjectStore, 'get' | 'putIfAbsent'>,
  where: string,
  options?: CallOptions,
): Promise<void> {
  const content = Buffer.from(`${JSON.stringify({ formatVersion: STORE_FORMAT_VERSION })}\n`);
  const found = await objects.get(VERSION_KEY, options);
  if (found === undefined && (await objects.putIfAbsent(VERSION_KEY, content, options)) === 'created') return;
  const stored = found ?? (await objects.get(VERSION_KEY, options));
  const version = stored === undefined ? STORE_FORMAT_VERSION : parseVersion(stored.bytes, where);
  if (version > STORE_FORMAT_VERSION)
    throw new LandfallError(
      'STORE_VERSION',
      `store: ${where} says format version ${version}; this Landfall reads up to ${STORE_FORMAT_VERSION}`,
      { hint: 'Upgrade Landfall, or use another --store.' },
    );
}
