import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { atEnd } from '../support/at-end.ts';
import { documentOf, folderFor, landfallProcess } from '../support/cli.ts';
import { peer, plantSample } from '../support/programs/peers.ts';
import { skipWithout } from '../support/programs/tool.ts';
import { skipWithoutDockerRegistry, startDockerRegistry } from '../support/servers/docker-registry.ts';

/**
 * docs/compatibility.md's matrix, with the programs that are installed: `npm run check:peers` runs it alone, and says
 * which are missing. Each row has a registry of Docker's, a folder and a sample of its own.
 */
export interface Scene {
  readonly folder: string;
  /** Of the registry. */
  readonly host: string;
  /** What is pushed. */
  readonly sample: string;
}

export async function openScene(t: TestContext): Promise<Scene> {
  const registry = await startDockerRegistry();
  atEnd(t, () => registry.close());
  const folder = await folderFor(t);
  return { folder, host: registry.host, sample: await plantSample(join(folder, 'sample')) };
}

/** Pulls with Landfall; gives the folder. */
export async function pull(
  { folder, host }: Scene,
  name: string,
  ...more: readonly string[]
): Promise<string> {
  const out = join(folder, `pulled-${name.replaceAll(/[:/@]/g, '-')}`);
  documentOf(
    await landfallProcess(['pull', `oci://${host}/${name}`, '-o', out, '--plain-http', '--json', ...more]),
  );
  return out;
}

/** Pushes the sample with Landfall; gives the digest. */
export async function push(
  { host, sample }: Scene,
  name: string,
  ...more: readonly string[]
): Promise<string> {
  const argv = ['push', sample, `oci://${host}/${name}`, '--plain-http', '--json', ...more];
  return String(documentOf(await landfallProcess(argv))['digest']);
}

export const skipFor = (what: string, programs: readonly string[]): string | false =>
  skipWithoutDockerRegistry(what) || skipWithout(programs, what);

export async function regctl(scene: Scene, ...args: readonly string[]): Promise<string> {
  const host = ['--host', `reg=${scene.host},tls=disabled`];
  return peer(scene.folder, 'regctl', [...host, ...args], { cwd: scene.sample });
}
