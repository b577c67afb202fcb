import { LandfallError } from '../../errors.ts';
import { USER_AGENT_CHARACTERS } from '../../limits.ts';
import { VERSION } from '../../version.ts';

/**
 * Who we are, for those who run a registry: `landfall/<version>`, and after it whatever names this installation
 * (`LANDFALL_USER_AGENT`, a team or an address to write to).
 * @throws LandfallError CONFIG_INVALID where the suffix cannot stand in a header
 */
export function userAgentOf(suffix: string | undefined): string {
  const own = `landfall/${VERSION}`;
  const given = suffix?.trim() ?? '';
  if (given === '') return own;
  if (given.length > USER_AGENT_CHARACTERS || !/^[\x20-\x7e]+$/.test(given)) {
    throw new LandfallError(
      'CONFIG_INVALID',
      `LANDFALL_USER_AGENT: wanted at most ${USER_AGENT_CHARACTERS} printable ASCII characters, got ${given.length}`,
      { hint: 'Change or unset it; it names this installation to registries.' },
    );
  }
  return `${own} ${given}`;
}
