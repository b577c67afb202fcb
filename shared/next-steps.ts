import type { ErrorCode } from './errors.ts';

const PUSH_AGAIN = 'Make the artifact again and push it; what landed before stays.';
const LIMIT =
  'If this is meant, raise that limit under `limits` of the source; else make the artifact smaller.';

/** What to do next where nothing better is known than the code: one imperative sentence. */
export const NEXT_STEPS: Partial<Readonly<Record<ErrorCode, string>>> = {
  USAGE: 'See: landfall COMMAND --help',
  CONFIG_INVALID: 'Correct the document; `landfall validate FILE` checks it without contacting anything.',
  CONFIG_UNREADABLE: 'Check the path given with -f, and that it can be read.',
  REFERENCE_INVALID: 'Write oci://HOST/REPOSITORY[:TAG][@DIGEST], e.g. oci://ghcr.io/team/app:1.2.0',
  DIGEST_INVALID: 'Write sha256: and 64 hexadecimal digits, as `landfall resolve URL` prints it.',
  RANGE_INVALID: 'Write a range such as ">=6.0.0 <7.0.0", "^6.1" or "6.x".',
  REGEX_INVALID: 'Write an RE2 expression: https://github.com/google/re2/wiki/Syntax (no look-around).',
  CREDENTIAL_UNREADABLE: 'Check that the file, variable or helper the credential comes from is there.',
  INPUT_UNREADABLE: 'Check the folder and that its files can be read, and push again.',
  NO_TAG_MATCHES:
    'Change what the ref asks for, or push a tag that it takes; `landfall tags URL` lists them.',
  TOO_MANY_TAGS: LIMIT,
  REGISTRY_UNREACHABLE: 'Check the host, its port, and the network or proxy.',
  REGISTRY_TIMEOUT: 'Raise the timeout if the registry is only slow.',
  REGISTRY_PROTOCOL: 'See whether the URL is a registry’s and nothing before it answers in its place.',
  MANIFEST_INVALID: PUSH_AGAIN,
  MANIFEST_TOO_LARGE: LIMIT,
  DIGEST_MISMATCH: 'The registry or something before it changed the bytes; push the artifact again.',
  SIZE_MISMATCH: PUSH_AGAIN,
  BLOB_TRUNCATED: 'The registry or the network cut it; it may work when run again.',
  LAYER_TOO_LARGE: LIMIT,
  UNPACKED_TOO_LARGE: LIMIT,
  RATIO_EXCEEDED: LIMIT,
  TOO_MANY_FILES: LIMIT,
  COMPRESSION_INVALID: PUSH_AGAIN,
  ARCHIVE_INVALID: PUSH_AGAIN,
  ENTRY_REFUSED: 'Leave that entry out of the artifact and push it again; what landed before stays.',
  PATH_REFUSED: 'Rename or leave out that path and push again; what landed before stays.',
  LINK_REFUSED: 'Leave the link out of the artifact, or push what it points to; what landed before stays.',
  STORE_CONFLICT: 'Run it again: something else changed the store in the meantime.',
  STORE_FULL: 'Make room, e.g. with `landfall collect`, and run it again.',
  STORE_UNAVAILABLE: 'Check the disk and the permissions of the store’s folder.',
  STORE_DENIED: 'Check who owns the store’s folder and who runs this.',
  STORE_CORRUPT: '`landfall fsck --repair` removes what is broken; the next reconcile lands it again.',
  ARTIFACT_NOT_FOUND: '`landfall fsck` says what else is missing; the next reconcile lands it again.',
  EMIT_FAILED: 'Nothing is lost: the next run sends the event first.',
  DEPLOY_FAILED: 'See what the deploy wrote; the next revision, or serve started again, tries it again.',
  DEPLOY_UNAVAILABLE: 'Check that what it deploys to can be reached; it is tried again.',
};
