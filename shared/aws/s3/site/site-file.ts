import type { SiteCopy } from '../../../deploy/kit/site-bucket.ts';
import { LandfallError } from '../../../errors.ts';
import type { CallOptions } from '../../../kernel/call-options.ts';
import type { ArtifactId } from '../../../model/ids.ts';
import { fileKey } from '../../../store/layout.ts';
import { encodeKey } from '../../request/uri-encoding.ts';
import { elementText } from '../../request/xml.ts';
import { keyIn, type S3Root } from '../root.ts';
import { sha256Of, storedSha256 } from '../same-object.ts';

/** Objects have their content's hash with them, for people who look at one. */
const SHA256_METADATA = 'landfall-sha256';

/** Which deploy was the last to put it: two that put the same bytes have the same ETag. */
export const OWNER_METADATA = 'landfall-deploy';

/** Puts a file, proven, over whatever is there; returns its version. */
export type PutSiteFile = (
  site: S3Root,
  file: SiteCopy,
  headers: Readonly<Record<string, string>>,
  options?: CallOptions,
) => Promise<string>;

export const siteObjectHeaders = (
  { sha256, headers }: SiteCopy,
  owner: string,
): Readonly<Record<string, string>> => ({
  [`x-amz-meta-${SHA256_METADATA}`]: sha256,
  [`x-amz-meta-${OWNER_METADATA}`]: owner,
  'content-type': headers.contentType,
  'cache-control': headers.cacheControl,
});

export const differs = (
  path: string,
  { got, wanted }: { readonly got: string | undefined; readonly wanted: string },
): LandfallError =>
  new LandfallError(
    'STORE_CORRUPT',
    `${path}: the copy has SHA-256 ${got ?? 'of nothing'}, and the commit record ${wanted}`,
  );

/**
 * From a store in S3. Files are copied by S3 itself, so that no byte passes through here and memory does not depend on
 * them; S3 hashes what it has written, and that is compared with the commit record.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 */
export const copiedFrom =
  (store: S3Root, artifact: ArtifactId): PutSiteFile =>
  async (site, { path, from, sha256 }, headers, { signal } = {}) => {
    const source = keyIn(store, fileKey(artifact, from));
    const { text } = await site.client.send({
      method: 'PUT',
      key: keyIn(site, path),
      signal,
      headers: {
        ...headers,
        'x-amz-copy-source': `${store.bucket}/${encodeKey(source)}`,
        'x-amz-metadata-directive': 'REPLACE',
        'x-amz-checksum-algorithm': 'SHA256',
      },
    });
    const got = storedSha256(elementText(text, 'ChecksumSHA256')) ?? (await sha256Of(site, path, { signal }));
    if (got !== sha256) throw differs(path, { got, wanted: sha256 });
    return elementText(text, 'ETag') ?? '';
  };
