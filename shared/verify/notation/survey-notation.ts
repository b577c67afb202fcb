import { LandfallError } from '../../errors.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { parseManifest } from '../../oci/manifest.ts';
import { formatRepository } from '../../oci/reference.ts';
import type { FetchedManifest } from '../../registry/client.ts';
import type { PassedOver } from '../found/found-signature.ts';
import { candidate, readReferrer, type Search } from '../found/signature-manifest.ts';
import { checkCount, type Survey } from '../found/survey.ts';
import type { NotationInForce } from '../in-force/notation-in-force.ts';
import { statementFor } from '../policy/trust-policy.ts';
import { COSE_TYPE, readCose } from './cose-envelope.ts';
import { type JudgedEnvelope, type Judging, judgeEnvelope } from './judge-envelope.ts';
import { JWS_TYPE, readJws } from './jws-envelope.ts';
import { checkSigned } from './target-artifact.ts';

/** @see https://github.com/notaryproject/specifications/blob/main/specs/signature-specification.md#oci-signatures */
const ARTIFACT_TYPE = 'application/vnd.cncf.notary.signature';

export interface NotationSearch extends Search {
  /** What has the digest, where it was fetched already. */
  readonly artifact?: FetchedManifest | undefined;
}

/** An envelope names type and size of what it signs, too. */
async function describeArtifact({
  repository,
  digest,
  artifact,
  registry,
  signal,
}: NotationSearch): Promise<Descriptor> {
  const { bytes, contentType } = artifact ?? (await registry.manifest(repository, digest, { signal }));
  const { mediaType } = parseManifest(bytes, digest, contentType);
  return { mediaType, digest, size: bytes.length };
}

async function judge(
  search: NotationSearch,
  referrer: Descriptor,
  {
    found,
    artifact,
    judging,
  }: { readonly found: string; readonly artifact: Descriptor; readonly judging: Judging },
): Promise<JudgedEnvelope> {
  const { mediaType, bytes } = await readReferrer(search, referrer, [JWS_TYPE, COSE_TYPE]);
  const envelope = mediaType === COSE_TYPE ? readCose(bytes) : readJws(bytes);
  checkSigned(envelope.payload, artifact);
  return judgeEnvelope(envelope, found, judging);
}

/**
 * Looks at envelopes of notation until one is as the trust policy wants it.
 * @throws LandfallError SIGNATURE_REFUSED where there are too many, or no statement is for the repository; CANCELLED, and what the
 * registry client throws
 */
export async function surveyNotation(search: NotationSearch, policy: NotationInForce): Promise<Survey> {
  const { repository, digest, registry, signal } = search;
  const statement = statementFor(policy.statements, `${repository.registry}/${repository.repository}`);
  if (statement === undefined)
    throw new LandfallError(
      'SIGNATURE_REFUSED',
      `no statement of the trust policy is for ${formatRepository(repository)}`,
      {
        hint: 'Add its scope, registry/repository, to registryScopes; or "*" for all.',
      },
    );
  if (statement.level === 'skip')
    return { judged: [], passed: [], isEnough: true, tolerated: ['level skip looks at no signature'] };
  const now = new Date();
  const revocation = { ...policy.revocation, now, signal };
  const judging = { statement, stores: policy.stores, now, revocation };
  const listed = await registry.referrers(repository, digest, { signal });
  const envelopes = listed.filter(
    ({ artifactType }) => artifactType === undefined || artifactType === ARTIFACT_TYPE,
  );
  const passed: PassedOver[] = [];
  if (envelopes.length === 0) return { judged: [], passed, isEnough: false };
  const artifact = await describeArtifact(search);
  for (const [at, referrer] of envelopes.entries()) {
    checkCount(at + 1);
    const found = `envelope ${referrer.digest}`;
    const verdict = await candidate(found, () => judge(search, referrer, { found, artifact, judging }));
    if ('why' in verdict) passed.push(verdict);
    else {
      const { signature, isAuthentic, tolerated } = verdict;
      const judged = isAuthentic ? [{ signature, signers: [0] }] : [];
      return { judged, passed, isEnough: true, ...(tolerated.length > 0 && { tolerated }) };
    }
  }
  return { judged: [], passed, isEnough: false };
}
