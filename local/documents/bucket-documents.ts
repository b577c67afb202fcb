import { isS3Location, parseS3Location } from '../../shared/aws/s3/location.ts';
import { systemClock } from '../../shared/clock.ts';
import { LandfallError } from '../../shared/errors.ts';
import { shownUrl } from '../../shared/shown-url.ts';
import { isStoreKey, VERSION_KEY } from '../../shared/store/layout.ts';
import type { ObjectStore } from '../../shared/store/object-store.ts';
import { checkStoreVersion } from '../../shared/store/store-version.ts';

/** The functions make the mark of a store with their first reconcile, for which they want a document. */
async function checkBucket(objects: ObjectStore, where: string): Promise<void> {
  if ((await objects.get(VERSION_KEY)) !== undefined)
    return checkStoreVersion(objects, `${where}/${VERSION_KEY}`);
  for await (const key of objects.list('')) {
    if (isStoreKey(key)) continue;
    throw new LandfallError('USAGE', `${where} holds ${key}, and no Landfall store`, {
      hint: 'Name the bucket that the stack made: it is among its outputs.',
    });
  }
}

/** Before anything is read: a folder as a store is a misunderstanding of the whole command. @throws LandfallError USAGE */
export function requireBucket(text: string): void {
  if (isS3Location(text)) return;
  throw new LandfallError('USAGE', `--store ${shownUrl(text)} is no bucket: apply wants s3://BUCKET`, {
    hint: 'Name the bucket of the deployed system; on one machine serve reads documents where they are (-f).',
  });
}

/**
 * The objects of a deployed system's bucket, for its documents: also before anything was reconciled, as long as nothing
 * of somebody else's is in it.
 * @throws LandfallError USAGE, STORE_VERSION, STORE_*
 */
export async function openDocumentBucket(text: string): Promise<ObjectStore> {
  requireBucket(text);
  const location = parseS3Location(text);
  const [{ openS3BySdk }, { s3ObjectStore }] = await Promise.all([
    import('../../shared/aws/sdk/s3.ts'),
    import('../../shared/aws/s3/object-store.ts'),
  ]);
  const client = await openS3BySdk(location.bucket, systemClock);
  const objects = s3ObjectStore({ ...location, client, clock: systemClock });
  await checkBucket(objects, `s3://${location.bucket}`);
  return objects;
}
