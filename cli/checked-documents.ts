import { parseLedger } from '../shared/deploy/ledger/ledger.ts';
import { parseSiteManifest } from '../shared/deploy/site/site-manifest.ts';
import { LandfallError } from '../shared/errors.ts';
import { formatSourceId, type SourceId } from '../shared/model/ids.ts';
import type { CheckedDocuments } from '../shared/store/fsck/fsck-documents.ts';
import { DEPLOYS_PREFIX, parseLedgerKey, SITES_PREFIX } from '../shared/store/layout.ts';

type Of = SourceId & { readonly deploy: string };

/** A document under the key of another one would be believed to be that one's. */
function checkPlace(key: string, { deploy, ...source }: Of): void {
  const place = parseLedgerKey(key);
  if (place?.deploy === deploy && formatSourceId(place) === formatSourceId(source)) return;
  throw new LandfallError('STORE_CORRUPT', `store: ${key} is that of ${deploy}, ${formatSourceId(source)}`, {
    hint: 'Move it to where it belongs, or delete it: the deploy then applies what is current again.',
  });
}

/** What deploys keep in the store, for `fsck`. */
export const DEPLOY_DOCUMENTS: readonly CheckedDocuments[] = [
  {
    prefix: DEPLOYS_PREFIX,
    kind: 'ledger-invalid',
    what: "a deploy's ledger",
    parse: (key, bytes) => checkPlace(key, parseLedger(key, bytes)),
  },
  {
    prefix: SITES_PREFIX,
    kind: 'site-invalid',
    what: "a list of a site's files",
    parse: (key, bytes) => checkPlace(key, parseSiteManifest(key, bytes)),
  },
];
