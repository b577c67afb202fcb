import { isLandfallError } from '../errors.ts';
import { looksLikeHost } from './host.ts';
import { DOCKER_HUB, parseReference, parseRepository, type Reference, type Repository } from './reference.ts';

/** What other tools and browsers write before a reference, and `oci:` with slashes that went missing. */
const SCHEME = /^(?:oci|https?|docker|docker-image|registry):\/{1,3}/i;
const PATH = /^(?:[./~\\]|[a-z]:[\\/])/i;
/** A page of Docker Hub, which is not its registry. */
const HUB_PAGE = /^hub\.docker\.com\/(?:r\/|_\/)/i;

/**
 * Images of one machine, as skopeo and podman write them.
 * @see https://github.com/containers/image/blob/main/docs/containers-transports.5.md
 */
const LOCAL_IMAGE =
  /^(?:(?:containers-storage|docker-archive|docker-daemon|oci-archive|ostree|sif|tarball):(?!\/\/)|dir:[./~]|oci:[.~])/;

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
function meantReference(text: string, isReference: (text: string) => boolean): string | undefined {
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

function isReference(text: string): boolean {
  try {
    parseReference(text);
    return true;
  } catch {
    return false;
  }
}

/** A plain HTTP registry is one's own, and is said to be so beside its name. */
function hintFor(text: string): string | undefined {
  if (LOCAL_IMAGE.test(text))
    return 'That is an image of this machine; copy it to a registry first, e.g. with skopeo copy, and name it there';
  const meant = text.length > 300 ? undefined : meantReference(text, isReference);
  if (meant === undefined || meant === text) return undefined;
  if (/^http:/i.test(text)) return `Write ${meant} with --plain-http (plainHttp)`;
  const isGuess = meant.startsWith(`oci://${DOCKER_HUB}/`) && !/docker\.(?:io|com)\//i.test(text);
  return isGuess ? `Write ${meant} for Docker Hub, else its registry first` : `Write ${meant}`;
}

function parsed<T>(parse: (text: string) => T, text: string): T {
  try {
    return parse(text);
  } catch (error) {
    // A user, a password or a query in it is told as that alone.
    if (
      !isLandfallError(error) ||
      error.code !== 'REFERENCE_INVALID' ||
      /[?]|@(?!(?:sha|md)[0-9]+:)/.test(text)
    )
      throw error;
    const hint = hintFor(text);
    if (hint === undefined) throw error;
    throw error.with({ hint });
  }
}

/**
 * What another tool's way of writing can only mean, as it has to be written: the same host and name with something before
 * or behind; a reference itself. Not a name without a host, which is each tool's own guess.
 */
export function correctedReference(text: string): string | undefined {
  if (isReference(text)) return text;
  const meant = meantReference(text, isReference);
  const rest = meant?.slice('oci://'.length);
  if (meant === undefined || rest === undefined || !looksLikeHost(rest.split('/', 1)[0] ?? ''))
    return undefined;
  return text.includes(rest) || HUB_PAGE.test(text.replace(SCHEME, '')) ? meant : undefined;
}

/** Plain HTTP is asked for by an option. */
const taken = (text: string): string | undefined =>
  /^http:/i.test(text.trim()) ? undefined : correctedReference(text);

/**
 * A reference as people paste it: `host/repository:tag`, `docker://…`, `https://…`. Where it could mean two things, the
 * error says how it is written.
 * @throws LandfallError REFERENCE_INVALID, DIGEST_INVALID
 */
export const parseTypedReference = (text: string): Reference =>
  parsed((written) => parseReference(taken(written) ?? written), text);

/** As parseRepository, with what was meant. @throws LandfallError REFERENCE_INVALID */
export const parseTypedRepository = (text: string): Repository => parsed(parseRepository, text);
