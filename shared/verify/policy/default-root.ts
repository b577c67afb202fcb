import type { CallOptions } from '../../kernel/call-options.ts';
import { type Digest, digestOf } from '../../oci/digest.ts';

/** A trusted root as text, and what it is called. */
export interface RootText {
  readonly text: string;
  readonly where: string;
  readonly digest: Digest;
  /** The newest there is of it; absent: it is never refreshed. @throws LandfallError TRUST_UNAVAILABLE */
  readonly newest?: (options: CallOptions) => Promise<RootText>;
}

let loaded: Promise<RootText> | undefined;

async function load(): Promise<RootText> {
  const { default: publicGood } = await import('./public-good-root.json', { with: { type: 'json' } });
  const text = JSON.stringify(publicGood);
  return { text, where: 'the public instance, as this version has it', digest: digestOf(text) };
}

/** What is trusted where a policy names nothing: the public instance of Sigstore, as this version was made with. */
export function defaultRoot(): Promise<RootText> {
  loaded ??= load();
  return loaded;
}
