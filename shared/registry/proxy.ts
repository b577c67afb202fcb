import { BlockList, isIP } from 'node:net';
import { LandfallError } from '../errors.ts';
import { literalAddress } from './address.ts';
import type { Hop } from './hop.ts';

/** The proxy variables of an environment; lower case wins, as in curl. */
export type ProxyEnv = Readonly<Record<string, string | undefined>>;

const variable = (env: ProxyEnv, name: string): string | undefined =>
  env[name.toLowerCase()] || env[name.toUpperCase()] || undefined;

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);

function matchesNetwork(address: string, entry: string): boolean {
  const [network = '', bits = ''] = entry.split('/');
  const family = isIP(network);
  const length = Number(bits);
  if (family === 0 || isIP(address) !== family || !/^\d+$/.test(bits) || length > (family === 4 ? 32 : 128))
    return false;
  const list = new BlockList();
  const name = family === 4 ? 'ipv4' : 'ipv6';
  list.addSubnet(network, length, name);
  return list.check(address, name);
}

function matchesEntry(hop: Hop, port: string, entry: string): boolean {
  const [, host = entry, onlyPort] = /^(\[[^\]]*\]|[^:]+):(\d+)$/.exec(entry) ?? [];
  if (onlyPort !== undefined && onlyPort !== port) return false;
  const address = literalAddress(hop.hostname);
  if (address !== undefined) return address === (literalAddress(host) ?? '') || matchesNetwork(address, host);
  const domain = host.replace(/^\*?\./, '').toLowerCase();
  return domain !== '' && (hop.hostname === domain || hop.hostname.endsWith(`.${domain}`));
}

/** Whether NO_PROXY names the host: names with their subdomains, `host:port`, addresses, networks, `*`. */
function isDirect(hop: Hop, noProxy: string): boolean {
  const port = new URL(hop.origin).port || (hop.secure ? '443' : '80');
  return noProxy
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => entry === '*' || matchesEntry(hop, port, entry));
}

/**
 * The proxy that a request goes through, or undefined. As in Go, loopback is never proxied.
 * @throws LandfallError NOT_SUPPORTED for anything but an HTTP(S) proxy
 */
export function proxyFor(hop: Hop, env: ProxyEnv): string | undefined {
  const name = hop.secure ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const value = variable(env, name);
  if (value === undefined || isLoopback(hop.hostname) || isDirect(hop, variable(env, 'NO_PROXY') ?? ''))
    return undefined;
  const url = value.includes('://') ? value : `http://${value}`;
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new LandfallError('NOT_SUPPORTED', `${name} is not the URL of an HTTP proxy`, {
      hint: `Write ${name}=http://host:port; SOCKS proxies are not supported.`,
    });
  }
  return url;
}
