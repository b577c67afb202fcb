import { isLandfallError, LandfallError } from '../errors.ts';
import { parseGlob } from '../glob/glob.ts';
import { parseRegistryName } from '../oci/registry-name.ts';
import type { CredentialEntry } from './credential-entry.ts';

const invalid = (where: string, why: string): LandfallError =>
  new LandfallError('USAGE', `--registry-creds ${where}: ${why}`, {
    hint: 'Write --registry-creds HOST[/GLOB]=USER:PASS, e.g. ghcr.io/my-org/**=bot:…',
  });

/**
 * Parses one `--registry-creds HOST[/GLOB]=USER:PASS`.
 * @throws LandfallError USAGE that repeats nothing after the "="
 */
export function parseRegistryCreds(text: string): CredentialEntry {
  const equals = text.indexOf('=');
  if (equals < 1) throw invalid('(hidden)', 'has no HOST before a "="');
  const where = text.slice(0, equals);
  const secret = text.slice(equals + 1);
  const colon = secret.indexOf(':');
  if (colon < 1 || colon === secret.length - 1) throw invalid(where, 'wanted USER:PASS after the "="');
  const slash = where.indexOf('/');
  const glob = slash < 0 ? undefined : where.slice(slash + 1);
  try {
    if (glob !== undefined) parseGlob(glob);
    return {
      origin: `--registry-creds ${where}`,
      registry: parseRegistryName(slash < 0 ? where : where.slice(0, slash)),
      ...(glob !== undefined && { repository: glob }),
      username: secret.slice(0, colon),
      password: { value: secret.slice(colon + 1) },
    };
  } catch (error) {
    throw invalid(where, isLandfallError(error) ? error.message : 'cannot be read');
  }
}
