import { CANARY, PASSWORDS } from '../world/secrets.ts';
import type { Invariant } from './seen.ts';

/** As it is, and as HTTP sends it. */
const NEEDLES = [
  CANARY,
  ...Object.values(PASSWORDS).map((password) => Buffer.from(`robot:${password}`).toString('base64')),
];

const found = (text: string): boolean => NEEDLES.some((needle) => text.includes(needle));

const textOf = (bytes: Uint8Array = new Uint8Array()): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');

/** No secret is in anything that is kept, emitted or logged. */
export const noSecrets: Invariant = ({ objects, touched, emitted, lines }) => [
  ...[...touched].filter((key) => found(textOf(objects.get(key)))).map((key) => `I10: a secret is in ${key}`),
  ...emitted
    .filter((event) => found(JSON.stringify(event)))
    .map(({ id }) => `I10: a secret is in event ${id}`),
  ...lines.filter(found).map((line) => `I10: a secret is in the log: ${line.slice(0, 40)}…`),
];
