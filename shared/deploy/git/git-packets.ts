import { GIT_REMOTE_CHARACTERS } from '../../limits.ts';

const HEAD = 4;

/**
 * The lines of Git's protocol, each with its length before it; undefined where bytes are not that. What is after the last
 * packet is a pack that came without a band, and left alone.
 * @see https://git-scm.com/docs/protocol-common#_pkt_line_format
 */
export function packetsOf(bytes: Uint8Array): readonly Uint8Array[] | undefined {
  const packets: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const head = Buffer.from(bytes.subarray(at, at + HEAD)).toString('latin1');
    if (!/^[0-9a-f]{4}$/i.test(head)) return undefined;
    const length = Number.parseInt(head, 16);
    if (length === HEAD - 1 || at + length > bytes.length) return undefined;
    if (length >= HEAD) packets.push(bytes.subarray(at + HEAD, at + length));
    at += Math.max(length, HEAD);
  }
  return packets;
}

const PROGRESS = 2;
const FATAL = 3;

const textOf = (parts: readonly Uint8Array[]): string =>
  Buffer.concat(parts).toString('utf8').replaceAll('\r', '\n').trim().slice(-GIT_REMOTE_CHARACTERS);

/** What the other side says to people: what hooks print, and why it gave up. The last of it. */
export const saidBeside = (packets: readonly Uint8Array[]): string =>
  textOf(packets.filter(([band]) => band === PROGRESS || band === FATAL).map((packet) => packet.subarray(1)));

/** Why it gave up; undefined where it did not. */
export function fatalOf(packets: readonly Uint8Array[]): string | undefined {
  const error = packets.find((packet) => Buffer.from(packet.subarray(0, HEAD)).toString('latin1') === 'ERR ');
  if (error !== undefined) return textOf([error.subarray(HEAD)]);
  const fatal = packets.filter(([band]) => band === FATAL);
  return fatal.length === 0 ? undefined : textOf(fatal.map((packet) => packet.subarray(1)));
}
