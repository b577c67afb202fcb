import { isLandfallError } from '../errors.ts';
import { meantReference } from './meant-reference.ts';
import { DOCKER_HUB, parseReference, parseRepository, type Reference, type Repository } from './reference.ts';

/** A reference that somebody wrote: where it is none, the error says how it is written. */

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

/** What was meant by a text that is no reference, as it has to be written; a reference itself. */
export const correctedReference = (text: string): string | undefined =>
  isReference(text) ? text : meantReference(text, isReference);

/** As parseReference, with what was meant. @throws LandfallError REFERENCE_INVALID, DIGEST_INVALID */
export const parseTypedReference = (text: string): Reference => parsed(parseReference, text);

/** As parseRepository, with what was meant. @throws LandfallError REFERENCE_INVALID */
export const parseTypedRepository = (text: string): Repository => parsed(parseRepository, text);
