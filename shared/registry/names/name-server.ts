import { promises, TIMEOUT } from 'node:dns';

/** Milliseconds; a name server that is there takes far less. */
const SOON_MS = 1_000;

/**
 * Whether a name server says anything of a name soon, be it that there is none: without a thread, where the system's own
 * lookup has one for ten seconds and more of a name server that says nothing. What it says is not used.
 * @param servers of others than the system's, as `HOST:PORT`
 */
export async function isAnswered(hostname: string, servers?: readonly string[]): Promise<boolean> {
  const resolver = new promises.Resolver({ timeout: SOON_MS, tries: 1 });
  if (servers !== undefined) resolver.setServers(servers);
  try {
    await resolver.resolve4(hostname);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== TIMEOUT;
  }
}
