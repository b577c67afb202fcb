import { BlockList, isIP } from 'node:net';

/** Whether a text is an address in the block; undefined where the block itself is not one, or of one address. */
export function parseCidr(text: string): ((address: string) => boolean) | undefined {
  const [network, bits, ...more] = text.split('/');
  const family = isIP(network ?? '');
  if (network === undefined || bits === undefined || more.length > 0 || family === 0) return undefined;
  if (!/^\d{1,3}$/.test(bits) || Number(bits) >= (family === 4 ? 32 : 128) || network.includes('%'))
    return undefined;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const block = new BlockList();
  block.addSubnet(network, Number(bits), type);
  // BlockList sees an IPv4 address in its mapped IPv6 form; EventBridge compares within one family.
  return (address) => isIP(address) === family && !address.includes('%') && block.check(address, type);
}
