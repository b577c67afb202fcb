import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { systemClock } from '../../../shared/clock.ts';
import type { NotationPolicy } from '../../../shared/verify/policy/policy.ts';
import { type Minted, mintAuthority } from '../minted-certificate.ts';
import {
  envelopeOf,
  policyOf,
  pushEnvelope,
  scene,
  signer,
  verified,
  type Wanted,
} from '../notation-scene.ts';
import { type ListAnswer, listedAt, openLists } from './minted-list.ts';

const OPTIONS = { trust: { kmsKey: () => assert.fail('no KMS'), clock: systemClock, env: {} } };
/** keyCertSign and cRLSign. */
export const AUTHORITY = mintAuthority([-60, 60], '03020106');
let places = 0;

/** What a certificate that names a list signed, and how it is judged. Each has a place of its own: lists are kept. */
export async function openRevocation(
  t: TestContext,
  answer?: ListAnswer | ((url: string) => ListAnswer),
  wanted: Wanted = {},
  by?: Minted,
) {
  const lists = await openLists(t);
  places += 1;
  const url = `${lists.url}/${places}.crl`;
  const path = new URL(url).pathname;
  if (answer !== undefined) lists.answers.set(path, typeof answer === 'function' ? answer(url) : answer);
  const at = await scene();
  const { signer: given = by ?? signer({ more: [listedAt(url)] }, AUTHORITY) } = wanted;
  pushEnvelope(at, await envelopeOf(at, { chain: [given, AUTHORITY], ...wanted, signer: given }));
  const judged = (more: Partial<NotationPolicy> = {}) =>
    verified(at, policyOf({ local: true, ...more }, AUTHORITY), OPTIONS);
  return { ...lists, url, path, at, judged };
}
