import { LandfallError } from '../../shared/errors.ts';
import { parseRegistryName } from '../../shared/oci/registry-name.ts';

/**
 * A registry as people type it: with a scheme, or a slash behind it.
 * @throws LandfallError USAGE, REFERENCE_INVALID
 */
export function typedRegistry(text: string): string {
  const bare = text.replace(/^(?:oci|https?|docker):\/\//i, '').replace(/\/(?:v[12]\/?)?$/, '');
  // A user and a password before the host are refused there, without a word of them.
  if (!bare.includes('/') || bare.includes('@')) return parseRegistryName(bare);
  const [host = ''] = bare.split('/', 1);
  throw new LandfallError(
    'USAGE',
    `a login is for a registry, not for a repository in it: ${JSON.stringify(text.slice(0, 160))}`,
    {
      hint: `Name the host alone: ${host}`,
    },
  );
}
