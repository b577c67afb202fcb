import type { SecretLocation } from '../credentials/credential-entry.ts';
import { formatLocation, isCloud } from '../credentials/secret.ts';
import { isBoundSecret, type SecretBinding } from '../credentials/secret-binding.ts';
import { LandfallError } from '../errors.ts';

/** Where a secret of entries of `notify` may be sent, as its owner says it: whoever writes a document names both. */
export interface PlacedSecret extends Pick<SecretBinding, 'secretsManager' | 'ssm'> {
  /** Origins, `smtps://HOST:PORT`, and as `formatLocation` has it the address that another secret is. */
  readonly to: readonly string[];
}

/** Where one message goes. */
export interface MessagePlace {
  readonly place: string;
  readonly url?: string;
}

/** A secret that was read for one message. */
export interface ReadSecret {
  readonly location: SecretLocation;
  readonly text: string;
}

/**
 * Whether a secret is itself the address that is asked: that says where it may be sent. The host alone does not: many have
 * addresses at one. What stands behind `?` may be added to.
 */
function isAddressOf({ text }: ReadSecret, asked: string | undefined): boolean {
  const [own, url] = [URL.parse(text), URL.parse(asked ?? '')];
  return own !== null && url !== null && own.origin === url.origin && own.pathname === url.pathname;
}

const HINT =
  'Name the secret and where it goes together: in a document of the stack, or under `reach.notify`.';

/**
 * Holds secrets back that were read for a message before it is sent. One that is an address goes where it says itself.
 * @param place an origin, or `smtps://HOST:PORT`; `url`: what is asked there, where it has an address
 * @throws LandfallError SECRET_DENIED
 */
export function checkPlace(
  { place, url }: MessagePlace,
  read: readonly ReadSecret[],
  placed: readonly PlacedSecret[],
): void {
  const addresses = read.filter((each) => isAddressOf(each, url));
  const names = [place, ...addresses.map(({ location }) => formatLocation(location))];
  for (const { location } of read.filter((each) => !addresses.includes(each))) {
    // What stands in a document is no secret of anybody else's.
    if (!isCloud(location)) continue;
    const own = placed.filter((each) => isBoundSecret(location, each));
    if (own.some(({ to }) => to.some((each) => names.includes(each)))) continue;
    const may =
      own.length === 0 ? 'is bound to no place' : `may be sent to ${own.flatMap(({ to }) => to).join(', ')}`;
    throw new LandfallError('SECRET_DENIED', `${formatLocation(location)} ${may}, and not to ${place}`, {
      hint: HINT,
    });
  }
}
