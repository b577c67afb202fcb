import { BlockList, isIP } from 'node:net';
import { LandfallError } from '../../errors.ts';
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

/** The same address, however an IPv6 one is written. */
const matchesAddress = (address: string, entry: string | undefined): boolean =>
  entry !== undefined && matchesNetwork(address, `${entry}/${isIP(entry) === 4 ? 32 : 128}`);

function matchesEntry(hop: Hop, port: string, entry: string): boolean {
  const [, host = entry, onlyPort] = /^(\[[^\]]*\]|[^:]+):(\d+)$/.exec(entry) ?? [];
  if (onlyPort !== undefined && onlyPort !== port) return false;
  const address = literalAddress(hop.hostname);
  if (address !== undefined)
    return matchesAddress(address, literalAddress(host)) || matchesNetwork(address, host);
  const name = hop.hostname.replace(/\.$/, '');
  const domain = host
    .replace(/^\*?\./, '')
    .replace(/\.$/, '')
    .toLowerCase();
  return domain !== '' && (name === domain || name.endsWith(`.${domain}`));
}

/** Whether NO_PROXY names the host: names with their subdomains, `host:port`, addresses, networks, `*`. */
function isDirect(hop: Hop, noProxy: string): boolean {
  const port = new URL(hop.origin).port || (hop.secure ? '443' : '80');
  return noProxy
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => entry === '*' || matchesEntry(hop, port, entry));
}

/** Where a request goes instead. */
export interface HttpProxy {
  /** Without what logs in there: for messages as well. */
  readonly origin: string;
  /** Value of `Proxy-Authorization`; a secret. */
  readonly authorization: string | undefined;
  /** With what logs in there; a secret. */
  readonly href: string;
}

function parseProxy(value: string, name: string): HttpProxy {
  const refused = (what: string, hint: string): LandfallError =>
    new LandfallError('NOT_SUPPORTED', `${name} ${what}`, { hint });
  const hint = `Write ${name}=http://host:port; what is special in a user or password is percent-encoded.`;
  // Without a scheme it is an HTTP proxy, as in curl and Go.
  const text = value.includes('://') ? value : `http://${value}`;
  if (/^socks/i.test(text)) {
    throw refused('is a SOCKS proxy', `SOCKS is not supported: ${hint}`);
  }
  if (!/^https?:/i.test(text) || !URL.canParse(text)) throw refused('is not the URL of an HTTP proxy', hint);
  const url = new URL(text);
  return { origin: url.origin, authorization: proxyLogin(url), href: url.href };
}

/**
 * The variable's value and name. In a CGI program HTTP_PROXY is what a client sent as a header `Proxy`, so there the
 * one in lower case alone counts, as in curl and Go.
 */
function proxyVariable({ secure }: Hop, env: ProxyEnv): readonly [value: string | undefined, name: string] {
  if (secure) return [variable(env, 'HTTPS_PROXY'), 'HTTPS_PROXY'];
  const isCgi = (env['REQUEST_METHOD'] ?? '') !== '';
  return [isCgi ? env['http_proxy'] || undefined : variable(env, 'HTTP_PROXY'), 'HTTP_PROXY'];
}

/**
 * The proxy that a request goes through, or undefined. As in Go, loopback is never proxied.
 * @throws LandfallError NOT_SUPPORTED for anything but an HTTP(S) proxy
 */
export function proxyFor(hop: Hop, env: ProxyEnv): HttpProxy | undefined {
  const [value, name] = proxyVariable(hop, env);
  if (value === undefined || isLoopback(hop.hostname) || isDirect(hop, variable(env, 'NO_PROXY') ?? ''))
    return undefined;
  return parseProxy(value.trim(), name);
}

/** The bytes of a part of a URL: percent-encoded ones need not be UTF-8, and a `%` may be a `%`. */
const bytesOf = (part: string): Buffer =>
  Buffer.from(
    part.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );

/** `Proxy-Authorization` of a proxy's URL, as curl sends it: user and password, either of which may be empty. */
function proxyLogin({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  const login = Buffer.concat([bytesOf(username), Buffer.from(':'), bytesOf(password)]);
  return `Basic ${login.toString('base64')}`;
}
