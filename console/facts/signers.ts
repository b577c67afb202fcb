import type { RevisionChangedDetail } from '../../shared/model/event-schema.ts';
import { type SignedBy, signerName, type Verification } from '../../shared/model/verification.ts';

const KEY_SHOWN = 12;
const NAME_SHOWN = 120;

const shortName = (signer: SignedBy): string =>
  'key' in signer
    ? `key ${signer.key.slice(signer.key.indexOf(':') + 1).slice(0, KEY_SHOWN)}`
    : signerName(signer).slice(0, NAME_SHOWN);

function told(names: readonly string[]): string {
  const [first, ...others] = [...new Set(names)];
  if (first === undefined) return 'nobody is proven to have signed it';
  return `signed by ${first}${others.length === 0 ? '' : ` and ${others.length} more`}`;
}

/** Who signed a revision, in words that fit a row; null where nobody was asked for. */
export const signersOf = (verification: Verification | undefined): string | null =>
  verification === undefined ? null : told(verification.signatures.map(({ signer }) => shortName(signer)));

/** The same of an event, which has keys and identities side by side. */
export const signersTold = (verification: RevisionChangedDetail['verification']): string | null =>
  verification === null
    ? null
    : told(
        verification.signatures.map(({ key, issuer, subject }) =>
          shortName((key === null ? { issuer, subject } : { key }) as SignedBy),
        ),
      );
