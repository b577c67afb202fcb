/**
 * Docker's rule of what is a host before the first "/": it has a dot or a port, or is `localhost`. Others may be hosts
 * of one's own network, and are often half of a name of Docker Hub.
 */
export const looksLikeHost = (text: string): boolean =>
  /[.:]/.test(text) || text.toLowerCase() === 'localhost';

/** What to ask whoever wrote `oci://team/app`; undefined where the host looks like one. */
export function hostDoubt(registry: string, repository = '…'): string | undefined {
  if (looksLikeHost(registry)) return undefined;
  return `${JSON.stringify(registry)} has no dot and no port, and is taken for a host; is oci://docker.io/${registry}/${repository} meant, or a host before it?`;
}
