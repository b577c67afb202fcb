import { isIPv6, type Server } from 'node:net';

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** The first 64 bits: one customer of a provider has all addresses below them. */
function networkOf(address: string): string {
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - groups.length - after.length;
  const all = [...groups, ...Array.from({ length: Math.max(0, zeros) }, () => '0'), ...after];
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

/** Whom a connection counts for: an IPv4 address, or the network of an IPv6 one. */
export function remoteOf(address: string | undefined): string {
  const mapped = MAPPED.exec(address ?? '')?.[1];
  if (mapped !== undefined) return mapped;
  return address !== undefined && isIPv6(address) ? networkOf(address) : (address ?? '');
}

/** Counts what each sender holds, and says no above a limit. */
export class AddressShares {
  readonly #limit: number;
  readonly #held = new Map<string, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  take(sender: string): boolean {
    const held = this.#held.get(sender) ?? 0;
    if (held >= this.#limit) return false;
    this.#held.set(sender, held + 1);
    return true;
  }

  give(sender: string): void {
    const held = this.#held.get(sender) ?? 0;
    if (held > 1) this.#held.set(sender, held - 1);
    else this.#held.delete(sender);
  }
}

/** Closes at once what an address holds beyond its share. */
export function limitSenders(server: Server, perAddress: number): void {
  const shares = new AddressShares(perAddress);
  server.on('connection', (socket) => {
    const sender = remoteOf(socket.remoteAddress);
    if (shares.take(sender)) socket.once('close', () => shares.give(sender));
    else socket.destroy();
  });
}
