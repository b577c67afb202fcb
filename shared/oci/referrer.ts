import type { Descriptor } from './descriptor.ts';
import { algorithmOf, type Digest, hexOf } from './digest.ts';

/**
 * Tags that stand for the digest of another manifest: the referrers tag schema (`sha256-<hex>`, of sha512 the first
 * 64 digits too), and cosign's and imgpkg's `sha256-<hex>.sig`, `.att`, `.sbom`, `.imgpkg`. Of what begins otherwise,
 * those of `cosign --attachment-tag-prefix`: the others may be somebody's own, named by what they were built of.
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#referrers-tag-schema
 */
const REFERRER_TAG = /^(?:sha256|sha512|blake3)-[\da-f]{64}|sha256-[\da-f]{64}\.(?:sig|att|sbom)$/;

/** Where clients keep the list of what refers to a digest, if its registry keeps none. */
export const referrersTag = (subject: Digest): string =>
  `${algorithmOf(subject)}-${hexOf(subject).slice(0, 64)}`;

/** Whether a tag is of a signature or of referrers: never a candidate of a list. */
export const isReferrerTag = (tag: string): boolean => REFERRER_TAG.test(tag);

/** @see https://github.com/moby/buildkit/blob/v0.25.0/docs/attestations/attestation-storage.md */
const ATTESTATION = 'vnd.docker.reference.type';

/** Buildx puts provenance and bills of materials beside the platforms of an index. */
export const isAttestation = ({ annotations }: Pick<Descriptor, 'annotations'>): boolean =>
  annotations?.[ATTESTATION] !== undefined;
