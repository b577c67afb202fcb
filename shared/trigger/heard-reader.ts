import { asLandfallError, type LandfallError } from '../errors.ts';
import type { Repository } from '../oci/reference.ts';
import type { RegistryReader } from '../registry/client.ts';
import type { HostSigns } from './turn.ts';

/** Nobody was there to say anything. All else is an answer, or was settled without asking. */
export const isSilence = ({ code }: LandfallError): boolean =>
  code === 'REGISTRY_TIMEOUT' || code === 'REGISTRY_UNREACHABLE';

/**
 * The same reader, that tells by `signs` whether its host answers; or, where that is known not to, fails at once. The
 * bytes of a blob are for the caller to hear: until its stream is closed, it is waited for.
 */
export function heardReader(reader: RegistryReader, signs: HostSigns): RegistryReader {
  const { known } = signs;
  if (known !== undefined) return refusingReader(known);
  const note = (error: LandfallError): void => {
    if (isSilence(error)) signs.unheard(error);
    else if (error.code !== 'CANCELLED') signs.heard();
  };
  async function asked<T>(call: Promise<T>): Promise<T> {
    signs.asked();
    try {
      const answer = await call;
      signs.heard();
      return answer;
    } catch (error) {
      note(asLandfallError(error));
      throw error;
    } finally {
      signs.settled();
    }
  }
  return {
    peek: (...call) => asked(reader.peek(...call)),
    manifest: (...call) => asked(reader.manifest(...call)),
    tags: (...call) => asked(reader.tags(...call)),
    referrers: (...call) => asked(reader.referrers(...call)),
    blob: async (...call) => {
      const stream = await asked(reader.blob(...call));
      signs.asked();
      stream.once('close', () => signs.settled());
      return stream;
    },
  };
}

function refusingReader(known: LandfallError): RegistryReader {
  const refuse = async ({ registry }: Repository): Promise<never> => {
    throw known.with({ message: `${registry} was not asked: it does not answer (${known.code})` });
  };
  return { peek: refuse, manifest: refuse, tags: refuse, referrers: refuse, blob: refuse };
}
