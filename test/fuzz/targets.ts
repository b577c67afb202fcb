import { readdirSync } from 'node:fs';
import type { FuzzTarget } from './engine/fuzz-target.ts';

/** By the names of their files. */
export const TARGETS: readonly string[] = readdirSync(new URL('./targets', import.meta.url))
  .map((file) => file.replace(/\.ts$/, ''))
  .toSorted();

export async function loadTarget(name: string): Promise<FuzzTarget> {
  const { target } = (await import(`./targets/${name}.ts`)) as { readonly target: FuzzTarget };
  return target;
}
