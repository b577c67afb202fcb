import { REVOCATION_LIST_BYTES } from '../../../shared/limits.ts';
import { der, sequence } from '../der.ts';
import { ALGORITHM, nameOf, timeOf } from '../minted-certificate.ts';

export const EXAMPLE_ID = Buffer.from('06032a0304', 'hex');
const BITS = Buffer.from('030100', 'hex');
const ONE = Buffer.from('020101', 'hex');

/** As many elements as a list has room for. */
export const manyElements = (element: Buffer = Buffer.from('0500', 'hex')): Buffer => {
  const room = REVOCATION_LIST_BYTES - 400;
  return Buffer.alloc(room - (room % element.length), element);
};

/** What has the form of something signed, and nobody signed. */
export const unsignedOf = (...parts: readonly Buffer[]): Buffer =>
  sequence(sequence(...parts), ALGORITHM, BITS);

/** A list of revoked certificates up to where its entries may be. */
export const unsignedList = (...more: readonly Buffer[]): Buffer =>
  unsignedOf(ONE, ALGORITHM, nameOf('a'), timeOf(new Date()), ...more);

/** A certificate that has one extension. @param id in DER */
export function unsignedCertificate(id: string, value: Buffer): Buffer {
  const extension = sequence(Buffer.from(id, 'hex'), der(0x04, value));
  const span = sequence(timeOf(new Date()), timeOf(new Date()));
  const extensions = der(0xa3, sequence(extension));
  return unsignedOf(ONE, ALGORITHM, nameOf('a'), span, nameOf('b'), sequence(), extensions);
}
