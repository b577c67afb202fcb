import { isIP } from 'node:net';
import { LandfallError } from '../errors.ts';
import type { Hop } from './hop.ts';

/** Token services that are neither on the registry's host nor beside it. Keys are registries as users write them. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = { 'docker.io': ['auth.docker.io'] };

/** Parents under which neighbours are strangers. */
const SHARED_PARENTS: ReadonlySet<string> = new Set([
  // Registries of many tenants.
  ...['azurecr.io', 'amazonaws.com', 'on.aws', 'pkg.dev', 'jfrog.io', 'scw.cloud'],
  // Machines, sites and containers.
  ...['cloudapp.azure.com', 'azurewebsites.net', 'azurecontainerapps.io', 'cloudfront.net', 'github.io'],
  ...[
    'gitlab.io',
    'herokuapp.com',
    'fly.dev',
    'run.app',
    'appspot.com',
    'web.app',
    'vercel.app',
    'netlify.app',
  ],
  ...['workers.dev', 'pages.dev', 'onrender.com', 'railway.app', 'ondigitalocean.app', 'koyeb.app'],
  // Tunnels, and names for addresses.
  ...['ngrok.io', 'ngrok.app', 'ngrok-free.app', 'trycloudflare.com', 'nip.io', 'sslip.io', 'traefik.me'],
]);

/** Parents of which each child is one owner's, with all below it. */
const DYNAMIC_DNS: ReadonlySet<string> = new Set(['duckdns.org', 'dyndns.org', 'ddns.net', 'no-ip.org']);

const parentOf = (host: string): string => host.slice(host.indexOf('.') + 1);

/** `co.uk`, `com.au`, `gov.in`: a two-letter top level under which names of two or three letters are registries too. */
const PUBLIC_SECOND_LEVEL = /^[a-z]{2,3}\.[a-z]{2}$/;

/**
 * GitLab's registry.example.com sends clients to gitlab.example.com or example.com, DigitalOcean's to
 * api.digitalocean.com. So a parent or a sibling is trusted where the shared parent belongs to one owner: at least
 * two labels, no public second level, no name under which strangers rent. Without the public suffix list (10,000
 * entries that age) this errs on the side of refusing.
 */
function isOwnNeighbour(registryHost: string, realmHost: string): boolean {
  if (isIP(registryHost) !== 0 || registryHost.startsWith('[')) return false;
  const parent = parentOf(registryHost);
  if (!parent.includes('.') || PUBLIC_SECOND_LEVEL.test(parent)) return false;
  const labels = parent.split('.');
  const shared =
    DYNAMIC_DNS.has(parent) || labels.some((_, at) => SHARED_PARENTS.has(labels.slice(at).join('.')));
  return !shared && (realmHost === parent || parentOf(realmHost) === parent);
}

/** Which registry sent the realm. */
export interface RealmOwner {
  /** As users write it. */
  readonly registry: string;
  /** Where it is connected to. */
  readonly hostname: string;
  /** The registry itself is spoken to without TLS. */
  readonly plainHttp: boolean;
}

/**
 * Judges where a Bearer challenge wants credentials sent: https, the registry's own host (any port) or a listed or
 * neighbouring one; http only where the registry itself is plain HTTP and the host the same.
 * @throws LandfallError REALM_DENIED
 */
export function judgeRealm(realm: string, owner: RealmOwner): Hop {
  const denied = (why: string): LandfallError =>
    new LandfallError('REALM_DENIED', `registry ${owner.registry} wants credentials sent to a realm ${why}`, {
      hint: 'Nothing was sent. If this token service is right for the registry, use a registry token instead.',
    });
  if (!/^[\x21-\x7e]{1,2048}$/.test(realm) || realm.includes('\\')) throw denied('that is not a URL');
  if (!URL.canParse(realm))
    throw denied(`that is not a URL: ${JSON.stringify(realm.slice(0, 100).split('?', 1)[0])}`);
  const url = new URL(realm);
  if (url.username !== '' || url.password !== '') throw denied(`on ${url.host} with a user name in it`);
  const sameHost = url.hostname === owner.hostname || url.hostname === owner.registry.replace(/:\d+$/, '');
  const secure = url.protocol === 'https:';
  if (!secure && !(url.protocol === 'http:' && owner.plainHttp && sameHost)) {
    throw denied(`that is not https: ${url.protocol}//${url.host}`);
  }
  const known = sameHost || ALLOWED[owner.registry]?.includes(url.hostname);
  if (!known && !isOwnNeighbour(owner.hostname, url.hostname)) throw denied(`on another host: ${url.host}`);
  return { origin: url.origin, hostname: url.hostname, secure, path: url.pathname + url.search };
}
