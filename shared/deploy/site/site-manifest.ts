import * as z from 'zod/mini';
import type { CallOptions } from '../../kernel/call-options.ts';
import type { SourceId } from '../../model/ids.ts';
import { type DocumentKind, parseDocument } from '../../store/document.ts';
import { siteKey } from '../../store/layout.ts';
import { checkPath } from '../../store/object-key.ts';
import type { ObjectStore } from '../../store/object-store.ts';

function isPath(text: string): boolean {
  try {
    checkPath(text);
    return true;
  } catch {
    return false;
  }
}

/** Nothing that could lead out of the site's place. */
const path = z.string().check(z.refine(isPath, 'not a path'));

const file = z.object({
  path,
  sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  /** Stands for the headers it was put with. */
  headers: z.string(),
  /** As the bucket told it when it was put: another one there is somebody else's. */
  version: z.string(),
});

const schema = z.object({
  formatVersion: z.literal(1),
  deploy: z.string(),
  namespace: z.string(),
  name: z.string(),
  /** Files of another place are none of this one's. */
  place: z.string(),
  /** The newest that was begun. */
  generation: z.int().check(z.positive()),
  /** What this deploy has put. */
  files: z.readonly(z.array(file)),
  /** What it was about to put: who finds another version than `before` (null: nothing) finds ours. */
  pending: z.readonly(z.array(z.object({ path, before: z.nullable(z.string()) }))),
  /** Of a site that is switched by prefix: releases, the newest first, and whether all of it was put. */
  releases: z.optional(
    z.readonly(
      z.array(z.object({ release: z.string().check(z.regex(/^[0-9a-f]{64}$/)), isWhole: z.boolean() })),
    ),
  ),
});

/** What a deploy has put into its bucket, and so may take away again. */
export type SiteManifest = z.infer<typeof schema>;
export type SiteFile = z.infer<typeof file>;
export type PendingFile = SiteManifest['pending'][number];

export interface StoredManifest {
  /** Undefined before the first time. */
  readonly manifest: SiteManifest | undefined;
  readonly version: string | undefined;
}

const KIND: DocumentKind<SiteManifest> = {
  what: "a list of a site's files",
  schema,
  hint: 'Delete it: the deploy then puts every file again, and leaves what it finds beside them.',
};

/** @throws LandfallError STORE_CORRUPT, STORE_VERSION */
export const parseSiteManifest = (key: string, bytes: Uint8Array): SiteManifest =>
  parseDocument(KIND, key, bytes);

/** @throws LandfallError STORE_CORRUPT, STORE_VERSION, and what the store throws */
export async function readManifest(
  objects: ObjectStore,
  deploy: string,
  id: SourceId,
  options?: CallOptions,
): Promise<StoredManifest> {
  const key = siteKey(deploy, id);
  const stored = await objects.get(key, options);
  if (stored === undefined) return { manifest: undefined, version: undefined };
  return { manifest: parseSiteManifest(key, stored.bytes), version: stored.version };
}

/** Replaces the version that was read. @throws LandfallError STORE_CONFLICT when another worker was first */
export async function writeManifest(
  objects: ObjectStore,
  manifest: SiteManifest,
  { version, signal }: CallOptions & { readonly version: string | undefined },
): Promise<StoredManifest> {
  const bytes = Buffer.from(`${JSON.stringify(manifest)}\n`);
  const key = siteKey(manifest.deploy, manifest);
  return { manifest, version: await objects.replace(key, bytes, version, { signal }) };
}
