import { systemClock } from '../shared/clock.ts';
import { asLandfallError } from '../shared/errors.ts';
import { DEFAULT_LIMITS } from '../shared/limits.ts';
import { type AccessResolver, DEFAULT_TRANSPORT } from '../shared/registry/client.ts';
import { createRegistryClient } from '../shared/registry/create-client.ts';

/** Nobody's credential goes anywhere to find this out. */
const anonymously = (plainHttp: boolean): AccessResolver => ({
  access: async () => ({
    credential: { kind: 'anonymous' },
    transport: { ...DEFAULT_TRANSPORT, plainHttp, local: true },
  }),
});

/** Whether a registry is there, over TLS or without: one that asks who it is is one. */
async function answers(registry: string, plainHttp: boolean, signal: AbortSignal): Promise<boolean> {
  const client = createRegistryClient({
    access: anonymously(plainHttp),
    clock: systemClock,
    limits: DEFAULT_LIMITS,
    env: process.env,
  });
  try {
    await client.logIn(registry, { signal });
    return true;
  } catch (error) {
    return /^(?:UNAUTHORIZED|FORBIDDEN)$/.test(asLandfallError(error).code);
  } finally {
    await client.close();
  }
}

/** Whether a registry answers over plain HTTP, and over TLS does not. False where it answers not at all. */
export const speaksPlainHttp = async (registry: string, signal: AbortSignal): Promise<boolean> =>
  !(await answers(registry, false, signal)) && (await answers(registry, true, signal));
