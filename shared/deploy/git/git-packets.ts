import { GIT_PACKETS, GIT_REMOTE_CHARACTERS } from '../../limits.ts';

const HEAD = 4;

/**
 * The lines of Git's protocol, each with its length before it; undefined where bytes are not that, as of a pack that comes
 * without a band, or are too many.
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
    if (packets.length > GIT_PACKETS) return undefined;
    at += Math.max(length, HEAD);
  }
  return packets;
}

const BANDS = { pack: 1, progress: 2, fatal: 3 } as const;

/** What came over one band, whole. */
export const bandOf = (packets: readonly Uint8Array[], name: keyof typeof BANDS): Uint8Array =>
  Buffer.concat(packets.filter(([band]) => band === BANDS[name]).map((packet) => packet.subarray(1)));

const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.subarray(-GIT_REMOTE_CHARACTERS)).toString('utf8').replaceAll('\r', '\n').trim();

/** What the other side says to people: what hooks print. The last of it. */
export const saidBeside = (packets: readonly Uint8Array[]): string => textOf(bandOf(packets, 'progress'));

const ERR = 'ERR ';

/** Why it gave up; undefined where it did not. */
export function fatalOf(packets: readonly Uint8Array[]): string | undefined {
  const error = packets.find(
    (packet) => Buffer.from(packet.subarray(0, ERR.length)).toString('latin1') === ERR,
  );
  if (error !== undefined) return textOf(error.subarray(ERR.length));
  const fatal = bandOf(packets, 'fatal');
  return fatal.length === 0 ? undefined : textOf(fatal);
}
