import { looksLikeHost } from './host.ts';

/** What other tools and browsers write before a reference, and `oci:` with slashes that went missing. */
const SCHEME = /^(?:oci|https?|docker|docker-image|registry):\/{1,3}/i;
const PATH = /^(?:[./~\\]|[a-z]:[\\/])/i;
/** A page of Docker Hub, which is not its registry. */
const HUB_PAGE = /^hub\.docker\.com\/(?:r\/|_\/)/i;

const lowerName = (text: string): string => {
  const end = /[:@]/.exec(text.slice(text.indexOf('/') + 1))?.index;
  const at = end === undefined ? text.length : text.indexOf('/') + 1 + end;
  return text.slice(0, at).toLowerCase() + text.slice(at);
};

/**
 * What was meant by a text that is no reference, as it has to be written; undefined where nobody could tell.
 * It only takes away and adds what a reference has around its parts, so it says nothing that was not written.
 * @param isReference whether a text is one
 */
export function meantReference(text: string, isReference: (text: string) => boolean): string | undefined {
  const written = text.trim();
  const scheme = SCHEME.exec(written)?.[0] ?? '';
  if (scheme === '' && (PATH.test(written) || written.includes('://'))) return undefined;
  const bare = written.slice(scheme.length).replace(/\/+$/, '').replace(HUB_PAGE, 'docker.io/');
  const [first = ''] = bare.split('/', 1);
  if (!bare.includes('/') && /\.|^localhost$/i.test(bare.split(':', 1)[0] ?? '')) return undefined;
  // Without a host it is Docker Hub's, as docker reads it.
  const whole = scheme !== '' || (bare.includes('/') && looksLikeHost(first)) ? bare : `docker.io/${bare}`;
  return [`oci://${whole}`, `oci://${lowerName(whole)}`].find(isReference);
}
