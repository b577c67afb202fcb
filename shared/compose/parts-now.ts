import { LandfallError } from '../errors.ts';
import type { CallOptions } from '../kernel/call-options.ts';
import { mapOf } from '../kernel/each-of.ts';
import type { ComposedPart, Composition } from '../model/composition.ts';
import { parseQualified, type SourceId } from '../model/ids.ts';
import { meetsPolicy, partAt } from '../model/part-at.ts';
import type { Revision, Status } from '../model/status.ts';
import { isProven, type Verification } from '../model/verification.ts';
import type { Digest } from '../oci/digest.ts';
import { type Composed, partNames } from '../source/composed/composed.ts';
import type { ObjectStore } from '../store/object-store.ts';
import { readStatus } from '../store/status-store.ts';
import { compositionOf } from './composition-of.ts';
import { partsVerification } from './parts-verification.ts';

/** Statuses read at the same time. */
const READS = 16;

/** What the parts, which have all landed, come to. */
export interface PartsNow {
  readonly composition: Composition;
  /** As verified as all of them; undefined: one of them is not. */
  readonly verification: Verification | undefined;
}

/** What a source has to meet. */
interface PartRules {
  /** The digest of its policies; null: it has none. */
  readonly policy: Digest | null;
  /** Whether each of its own parts has to be signed by somebody. */
  readonly isVerified: boolean;
}

export interface PartsNowDeps extends CallOptions {
  readonly objects: ObjectStore;
  /** By the documents in force; undefined: none has the source. Its status may know of an earlier policy alone. */
  readonly rulesOf: (id: SourceId) => Promise<PartRules | undefined>;
  /** What was found of parts of parts, by name and digest: there may be many ways to the same. */
  readonly judged: Map<string, string | undefined>;
}

/** Why a revision does not meet what its source has to; undefined: it does. */
async function whyNotVerified(
  name: string,
  at: Pick<Revision, 'revision' | 'verification'>,
  { rulesOf }: PartsNowDeps,
): Promise<string | undefined> {
  const rules = await rulesOf(parseQualified(name));
  if (rules === undefined)
    return `${name} is in no document that could be read, so that nobody knows its policy`;
  if (!meetsPolicy(at, rules.policy))
    return `${name} is at ${at.revision}, which is not verified under the policy that it has now`;
  if (rules.isVerified && !isProven(at.verification))
    return `${name} is at ${at.revision}, which nobody is known to have signed each part of, and its verify wants that`;
  return undefined;
}

/** Why what a revision was composed of, at whatever depth, may not be taken; undefined: it may, or it is not composed. */
export async function whyPartsNotVerified(
  { parts = [] }: Pick<Revision, 'parts'>,
  deps: PartsNowDeps,
): Promise<string | undefined> {
  const { judged } = deps;
  for (const part of parts) {
    const key = `${part.source}@${part.digest}`;
    if (!judged.has(key)) judged.set(key, await whyNotBelow(part, deps));
    const why = judged.get(key);
    if (why !== undefined) return why;
  }
  return undefined;
}

/** As above, of a revision that its source is perhaps no longer at. */
async function whyNotBelow(part: ComposedPart, deps: PartsNowDeps): Promise<string | undefined> {
  const { source, digest } = part;
  const status = (await readStatus(deps.objects, parseQualified(source), deps))?.status;
  const known = [status?.current, ...(status?.history ?? [])].find((each) => each?.digest === digest);
  if (!known) return whyNotVerified(source, part, deps);
  return (await whyNotVerified(source, known, deps)) ?? whyPartsNotVerified(known, deps);
}

/** Why nothing can be composed of a part as it is; undefined: it can. */
async function whyNotReady(
  name: string,
  status: Status | undefined,
  { isVerified, deps }: { readonly isVerified: boolean; readonly deps: PartsNowDeps },
): Promise<string | undefined> {
  const current = status?.current;
  if (status === undefined || current === undefined || current === null) {
    const failure = status?.failure ? `: ${status.failure.code}: ${status.failure.message}` : '';
    return `${name} has not landed yet${failure}`;
  }
  const why = await whyNotVerified(name, current, deps);
  if (why !== undefined) return why;
  if (isVerified && !isProven(current.verification))
    return `${name} is at ${current.revision}, which nobody is known to have signed, and verify wants every part to be`;
  const below = await whyPartsNotVerified(current, deps);
  return below === undefined ? undefined : `${name} is composed of what may not be taken: ${below}`;
}

/**
 * Reads what the parts are at: one request each, and one for each part of a part that is composed itself. A part that
 * fails or is suspended counts with what it has landed, if that meets the policy in force.
 * @throws LandfallError PART_NOT_READY that names each part there is to wait for, and what the store and `rulesOf` throw
 */
export async function partsNow(composed: Composed, deps: PartsNowDeps): Promise<PartsNow> {
  const isVerified = composed.isVerified === true;
  const { objects, signal } = deps;
  const read = await mapOf(partNames(composed), { limit: READS, signal }, async (name) => {
    const status = (await readStatus(objects, parseQualified(name), { signal }))?.status;
    return { name, status, why: await whyNotReady(name, status, { isVerified, deps }) };
  });
  const why = read.flatMap((each) => each.why ?? []);
  const parts = new Map(read.map(({ name, status }) => [name, status]));
  const composition = compositionOf(composed, (name) => {
    const status = parts.get(name);
    return status && partAt(status, null);
  });
  if (why.length > 0 || composition === undefined) throw new LandfallError('PART_NOT_READY', why.join('; '));
  return { composition, verification: partsVerification(parts) };
}
