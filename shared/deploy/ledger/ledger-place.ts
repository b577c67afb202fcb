import { LandfallError } from '../../errors.ts';
import { formatSourceId } from '../../model/ids.ts';
import { parseLedgerKey } from '../../store/layout.ts';
import type { LedgerId } from './ledger.ts';

/** A document under the key of another one would be believed to be that one's. @throws LandfallError STORE_CORRUPT */
export function checkLedgerPlace(key: string, { deploy, ...source }: LedgerId): void {
  const place = parseLedgerKey(key);
  if (place?.deploy === deploy && formatSourceId(place) === formatSourceId(source)) return;
  throw new LandfallError('STORE_CORRUPT', `store: ${key} is that of ${deploy}, ${formatSourceId(source)}`, {
    hint: 'Move it to where it belongs, or delete it: the deploy then applies what is current again.',
  });
}
