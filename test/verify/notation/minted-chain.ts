import { generateKeyPairSync } from 'node:crypto';
import { der, sequence } from '../der.ts';
import { extension, type Keys, type Minted, minted, type Signing } from '../minted-certificate.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const [KEY_USAGE, CONSTRAINTS, USES] = ['0603551d0f', '0603551d13', '0603551d25'] as const;

/** Bits of a key's usage, counted from the highest. */
export function usage(bits: readonly number[], isCritical = true): Buffer {
  const byte = bits.reduce((sum, bit) => sum | (0x80 >> bit), 0);
  return extension(KEY_USAGE, hex(`030200${byte.toString(16).padStart(2, '0')}`), isCritical);
}

/** Whether it is an authority's, and how many authorities may be below. */
export function constraints(isAuthority: boolean, below?: number, isCritical = true): Buffer {
  const parts = [
    ...(isAuthority ? [hex('0101ff')] : []),
    ...(below === undefined ? [] : [der(0x02, Buffer.from([below]))]),
  ];
  return extension(CONSTRAINTS, sequence(...parts), isCritical);
}

/** Object identifiers in DER, without their tag. */
export const uses = (...oids: readonly string[]): Buffer =>
  extension(USES, sequence(...oids.map((oid) => der(0x06, hex(oid)))));

const CERT_SIGN = 5;
export const AUTHORITY = [constraints(true), usage([CERT_SIGN])] as const;
export const LEAF = [usage([0])] as const;
export const keyPair = (): Keys => generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** What is not as usual of one certificate. */
export interface Link {
  readonly extensions?: readonly Buffer[];
  readonly keys?: Keys;
  readonly signing?: Signing;
  readonly issuer?: string;
}

/** From the root to the signer, each issued by the one before; given signer's first. */
export function mintChain(...links: readonly Link[]): readonly Minted[] {
  const chain: Minted[] = [];
  for (const [at, link] of links.toReversed().entries()) {
    const isLeaf = at === links.length - 1;
    const { extensions = isLeaf ? LEAF : AUTHORITY, keys = keyPair(), signing } = link;
    const issuer = link.issuer ?? `a${Math.max(0, at - 1)}`;
    const wanted = { subject: `a${at}`, issuer, keys, extensions };
    chain.unshift(minted(signing === undefined ? wanted : { ...wanted, signing }, chain[0]?.keys ?? keys));
  }
  return chain;
}
