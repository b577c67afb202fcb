import { isIP } from 'node:net';

/**
 * Token services on another domain than their registry's, by the registry's host. Each is the operator's own:
 * - lscr.io is a front of ghcr.io: https://docs.linuxserver.io/general/our-ci-cd-and-images/
 * - Scaleway: https://www.scaleway.com/en/docs/container-registry/
 * - Alibaba: https://www.alibabacloud.com/help/en/acr/
 */
const PAIRS: readonly (readonly [registry: RegExp, service: RegExp])[] = [
  [/^registry-1\.docker\.io$/, /^auth\.docker\.io$/],
  [/^lscr\.io$/, /^ghcr\.io$/],
  [/^rg\.[a-z]{2}-[a-z]{3}\.scw\.cloud$/, /^api\.scaleway\.com$/],
  [
    /^(?:registry(?:-intl)?(?:-vpc|-internal)?\.[a-z0-9-]+|[a-z0-9-]+\.[a-z0-9-]+\.cr)\.aliyuncs\.com$/,
    /^dockerauth(?:-ee)?(?:-vpc|-internal)?\.[a-z0-9-]+\.aliyuncs\.com$/,
  ],
];

export const isKnownPair = (registryHost: string, serviceHost: string): boolean =>
  PAIRS.some(([registry, service]) => registry.test(registryHost) && service.test(serviceHost));

/** Under these strangers have names too, and the public suffix list does not say so. */
const SHARED: readonly string[] = [
  // Clouds, whose registries are tenants' beside one another.
  ...[
    'amazonaws.com',
    'amazonaws.com.cn',
    'on.aws',
    'azurecr.io',
    'azurecontainerapps.io',
    'cloudapp.azure.com',
  ],
  ...[
    'pkg.dev',
    'jfrog.io',
    'scw.cloud',
    'aliyuncs.com',
    'myhuaweicloud.com',
    'tencentcloudcr.com',
    'koyeb.app',
  ],
  // Names for addresses; a cluster's own.
  ...['nip.io', 'sslip.io', 'traefik.me', 'cluster.local'],
];

/**
 * Whether two hosts are one owner's: of the same registrable domain, by the public suffix list with its private part
 * (under github.io neighbours are strangers). The list is only loaded when it is needed: 9 MB, 11 ms.
 */
export async function isSameOwner(one: string, other: string): Promise<boolean> {
  const hosts = [one, other].map((host) => host.replace(/\.$/, '').toLowerCase());
  if (hosts.some((host) => isIP(host) !== 0 || host.startsWith('['))) return false;
  if (hosts.some((host) => SHARED.some((suffix) => host === suffix || host.endsWith(`.${suffix}`))))
    return false;
  const { getDomain } = await import('tldts');
  const [mine, theirs] = hosts.map((host) => getDomain(host, { allowPrivateDomains: true }));
  return mine !== null && mine !== undefined && mine === theirs;
}
