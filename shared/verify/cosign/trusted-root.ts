import { type TransparencyLogInstance, TrustedRoot } from '@sigstore/protobuf-specs';
import { type TrustMaterial, toTrustMaterial } from '@sigstore/verify';
import { LandfallError } from '../../errors.ts';
import { isObject, parseJson } from '../../kernel/json.ts';
import { type Digest, digestOf } from '../../oci/digest.ts';
import { quoted } from '../found/quoted.ts';
import { isForTimeStamps } from '../found/time-stamp-use.ts';
import type { RootText } from '../policy/default-root.ts';

/** Whose certificates, logs and time stamps are trusted. */
export interface Trust {
  readonly material: TrustMaterial;
  readonly digest: Digest;
}

/** Parsing takes 20 ms; a process knows few of them. */
const KEPT = 8;
const known = new Map<Digest, Trust>();

const invalid = (where: string, why: string, cause?: unknown): LandfallError =>
  new LandfallError('CONFIG_INVALID', `verify: the trusted root of ${where} ${why}`, {
    cause,
    hint: 'Give a trusted_root.json of Sigstore, as `cosign trusted-root create` or its TUF repository has it.',
  });

/** A log that does not say since when its key is good would be taken for good since 1970. */
const isDated = ({ publicKey }: TransparencyLogInstance): boolean => publicKey?.validFor?.start !== undefined;

function parse(text: string, where: string): TrustMaterial {
  const parsed = parseJson(text);
  if (!parsed.ok || !isObject(parsed.value)) throw invalid(where, 'is no JSON object');
  const { mediaType } = parsed.value;
  if (typeof mediaType !== 'string' || !/^application\/vnd\.dev\.sigstore\.trustedroot[.+]/.test(mediaType))
    throw invalid(where, `has the mediaType ${quoted(mediaType)}`);
  try {
    const root = TrustedRoot.fromJSON(parsed.value);
    if (![...root.tlogs, ...root.ctlogs].every(isDated)) throw new Error('a log does not say since when');
    const material = toTrustMaterial(root);
    const timestampAuthorities = material.timestampAuthorities.filter(
      ({ certChain: [leaf] }) => leaf && isForTimeStamps(leaf),
    );
    return { ...material, timestampAuthorities };
  } catch (cause) {
    throw invalid(where, 'cannot be read', cause);
  }
}

/** For people: where a root is from, of when it is, and until when it is good. */
export function describeRoot({ where, newest, text }: RootText): string {
  if (newest !== undefined) return where;
  const starts = readTrustedRoot(text, where).material.tlogs.map(({ validFor: { start } }) =>
    start.getTime(),
  );
  const log =
    starts.length > 0 ? `, newest log of ${new Date(Math.max(...starts)).toISOString().slice(0, 10)}` : '';
  return `${where}${log}, with no end of its own`;
}

/** @throws LandfallError CONFIG_INVALID */
export function readTrustedRoot(text: string, where: string): Trust {
  const digest = digestOf(text);
  const before = known.get(digest);
  if (before !== undefined) return before;
  const trust = { material: parse(text, where), digest };
  if (known.size >= KEPT) known.clear();
  known.set(digest, trust);
  return trust;
}
