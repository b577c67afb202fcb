import { isLandfallError } from '../errors.ts';
import { formatCredential, type Offer } from './offer.ts';

/** One thing that was looked at for a repository's access, in the order it was. Holds no secret. */
export interface Consideration {
  /** Where it was written. */
  readonly origin: string;
  readonly registry: string;
  /** Its glob; null where it is for every repository. */
  readonly repository: string | null;
  readonly matched: boolean;
  /** Whether its credential is the one that is used. */
  readonly used: boolean;
  /** The transport settings that are taken from it. */
  readonly settings: readonly string[];
  readonly why: string;
}

type Verdict = Pick<Consideration, 'used' | 'why'>;

/** Asks offers in order until one has a credential or fails; those behind it are not asked. */
export async function judgeOffers(offers: readonly Offer[]): Promise<readonly (readonly [Offer, Verdict])[]> {
  const judged: (readonly [Offer, Verdict])[] = [];
  let ended: string | undefined;
  for (const offer of offers) {
    if (ended !== undefined) {
      judged.push([offer, { used: false, why: ended }]);
      continue;
    }
    try {
      const over: string[] = [];
      const given = await offer.give((why) => over.push(why));
      if (given === undefined) {
        const outcome = over.length === 0 ? 'has no credential' : `is passed over: ${over.join('; ')}`;
        judged.push([offer, { used: false, why: `matches, and ${outcome}` }]);
        continue;
      }
      judged.push([offer, { used: true, why: `matches, and gives ${formatCredential(given.credential)}` }]);
      ended = `matches, and ${offer.origin} comes before it`;
    } catch (error) {
      const message = isLandfallError(error) ? `${error.code}: ${error.message}` : 'cannot be read';
      judged.push([offer, { used: false, why: `matches, and fails with ${message}` }]);
      ended = `matches, and is not asked because ${offer.origin} fails`;
    }
  }
  return judged;
}
