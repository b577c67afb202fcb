import { BlockList, isIP } from 'node:net';

/** What an IP address leads to. Only `public` is reached without being told that the registry is one's own. */
export type AddressKind =
  | 'public'
  | 'loopback'
  | 'private'
  | 'link-local'
  | 'unspecified'
  | 'multicast'
  | 'reserved'
  | 'metadata';

type Rule = readonly [kind: AddressKind, ...networks: readonly string[]];

/**
 * First match wins. Clouds hand out credentials at the metadata addresses, one of which is not even private
 * (168.63.129.16, Azure), so they come first and no setting opens them.
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 */
const IPV4: readonly Rule[] = [
  [
    'metadata',
    '169.254.169.254/32',
    '169.254.170.2/32',
    '169.254.170.23/32',
    '169.254.79.128/30',
    '100.100.100.200/32',
    '168.63.129.16/32',
    '192.0.0.192/32',
  ],
  ['unspecified', '0.0.0.0/8'],
  ['loopback', '127.0.0.0/8'],
  ['link-local', '169.254.0.0/16'],
  ['private', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '198.18.0.0/15'],
  ['reserved', '192.0.0.0/24', '192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '192.88.99.0/24'],
  ['multicast', '224.0.0.0/4'],
  ['reserved', '240.0.0.0/4'],
];

/** @see https://www.iana.org/assignments/iana-ipv6-special-registry */
const IPV6: readonly Rule[] = [
  ['metadata', 'fd00:ec2::254/128', 'fd00:ec2::23/128', 'fd20:ce::254/128'],
  ['unspecified', '::/128'],
  ['loopback', '::1/128'],
  ['link-local', 'fe80::/10'],
  // fec0::/10 was site-local; 64:ff9b:1::/48 is NAT64 inside one network (RFC 8215).
  ['private', 'fc00::/7', 'fec0::/10', '64:ff9b:1::/48'],
  ['multicast', 'ff00::/8'],
  ['reserved', '100::/64', '2001:db8::/32', '3fff::/20', '5f00::/16'],
];

type Family = 'ipv4' | 'ipv6';

function compile(rules: readonly Rule[], family: Family): readonly (readonly [AddressKind, BlockList])[] {
  return rules.map(([kind, ...networks]) => {
    const list = new BlockList();
    for (const network of networks) {
      const [address = '', bits = ''] = network.split('/');
      list.addSubnet(address, Number(bits), family);
    }
    return [kind, list];
  });
}

/** Compiled when first asked for: both take 7 ms of a start. */
const compiled = new Map<Family, ReturnType<typeof compile>>();

function kindIn(family: Family, address: string): AddressKind {
  const lists = compiled.get(family) ?? compile(family === 'ipv4' ? IPV4 : IPV6, family);
  compiled.set(family, lists);
  return lists.find(([, list]) => list.check(address, family))?.[0] ?? 'public';
}

/** The eight 16-bit groups of an IPv6 address that isIP has accepted. */
function groupsOf(address: string): readonly number[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const [, head = '', a, b, c, d] = dotted ?? [];
  const plain = dotted
    ? `${head}${(Number(a) * 256 + Number(b)).toString(16)}:${(Number(c) * 256 + Number(d)).toString(16)}`
    : address;
  const [left = '', right] = plain.split('::');
  const parse = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const before = parse(left);
  const after = right === undefined ? [] : parse(right);
  return [...before, ...new Array<number>(Math.max(0, 8 - before.length - after.length)).fill(0), ...after];
}

const dotted = (high: number, low: number): string => `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;

/** The IPv4 address that an IPv6 address is only another way of writing, or is carried to. */
function embeddedIpv4(groups: readonly number[]): string | undefined {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups;
  const zeros = a === 0 && b === 0 && c === 0 && d === 0;
  // ::ffff:0:0/96 (mapped), ::ffff:0:0:0/96 (translated, RFC 2765), ::/96 (compatible; :: and ::1 are not).
  if (zeros && e === 0 && f === 0xffff) return dotted(g, h);
  if (zeros && e === 0xffff && f === 0) return dotted(g, h);
  if (zeros && e === 0 && f === 0 && (g !== 0 || h > 1)) return dotted(g, h);
  // NAT64, RFC 6052; 6to4, RFC 3056; Teredo, RFC 4380: the client's address is stored inverted.
  if (a === 0x64 && b === 0xff9b && c === 0 && d === 0 && e === 0 && f === 0) return dotted(g, h);
  if (a === 0x2002) return dotted(b, c);
  if (a === 0x2001 && b === 0) return dotted(g ^ 0xffff, h ^ 0xffff);
  return undefined;
}

/** Classifies a literal address, seeing through IPv6 forms that carry an IPv4 one. What is no address is `reserved`. */
export function addressKind(address: string): AddressKind {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  const family = isIP(bare);
  if (family === 4) return kindIn('ipv4', bare);
  if (family !== 6) return 'reserved';
  const inner = embeddedIpv4(groupsOf(bare));
  return inner === undefined ? kindIn('ipv6', bare) : addressKind(inner);
}

const LOCAL_KINDS: ReadonlySet<AddressKind> = new Set(['loopback', 'private', 'link-local', 'unspecified']);

/** `local`: the registry is one's own (Transport.local). Metadata addresses are never reached. */
export function isAddressAllowed(address: string, local: boolean): boolean {
  const kind = addressKind(address);
  return kind === 'public' || (local && LOCAL_KINDS.has(kind));
}

/** The address in a URL's hostname (`127.0.0.1`, `[::1]`), or undefined for a name. */
export function literalAddress(hostname: string): string | undefined {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return isIP(bare) === 0 ? undefined : bare;
}
