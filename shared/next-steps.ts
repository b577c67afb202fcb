import type { ErrorCode } from './errors.ts';

const PUSH_AGAIN = 'Make the artifact again and push it; what landed before stays.';
const LIMIT =
  'If this is meant, raise that limit under `limits` of the source; else make the artifact smaller.';

const OPERATOR =
  'Ask who runs the registry: it sent Landfall somewhere that credentials or bytes must not go.';

/** What to do next where nothing better is known than the code: one imperative sentence. */
export const NEXT_STEPS: Readonly<Record<ErrorCode, string>> = {
  USAGE: 'See: landfall COMMAND --help',
  CONFIG_INVALID: 'Correct the document; `landfall validate FILE` checks it without contacting anything.',
  CONFIG_UNREADABLE: 'Check the path given with -f, and that it can be read.',
  REFERENCE_INVALID: 'Write oci://HOST/REPOSITORY[:TAG][@DIGEST], e.g. oci://ghcr.io/team/app:1.2.0',
  DIGEST_INVALID: 'Write sha256: and 64 hexadecimal digits, as `landfall resolve URL` prints it.',
  RANGE_INVALID: 'Write a range such as ">=6.0.0 <7.0.0", "^6.1" or "6.x".',
  REGEX_INVALID: 'Write an RE2 expression: https://github.com/google/re2/wiki/Syntax (no look-around).',
  CREDENTIAL_UNREADABLE: 'Check that the file, variable or helper the credential comes from is there.',
  SECRET_DENIED: 'Have the owner of the secret bind it to that registry; until then nothing is sent.',
  INPUT_UNREADABLE: 'Check the folder and that its files can be read, and push again.',
  NO_TAG_MATCHES:
    'Change what the ref asks for, or push a tag that it takes; `landfall tags URL` lists them.',
  TOO_MANY_TAGS: LIMIT,
  SIGNATURE_NOT_FOUND: 'Have the digest signed; it is looked for again by itself.',
  SIGNATURE_REFUSED:
    'See who signed it with `landfall verify URL`; what landed before stays until it is signed as the policy wants.',
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
  DEPLOY_NOT_FOUND: 'List them with: landfall get deploys',
  DEPLOY_FAILED:
    'See what the deploy wrote and correct it; then `landfall replay SOURCE --deploy NAME` runs it again.',
  DEPLOY_UNAVAILABLE: 'Check that what it deploys to can be reached; it is tried again.',
  NOT_SUPPORTED: 'Leave it out, or use a version of Landfall that has it.',
  TAG_NOT_FOUND: 'Check the tag or digest; `landfall tags URL` lists what is there.',
  REPOSITORY_NOT_FOUND: 'Check the repository in the url; a private one may also need credentials.',
  BLOB_NOT_FOUND: 'The registry lost it, or never had it: push the artifact again.',
  UNAUTHORIZED: 'Check the credentials; `landfall explain SOURCE` says which one was used and why.',
  FORBIDDEN: 'Give the credentials the right to this repository, or use others.',
  RATE_LIMITED: 'Log in for a higher limit, or lengthen the interval.',
  REGISTRY_UNAVAILABLE: 'This passes by itself as a rule; see whether the registry reports an outage.',
  TLS_FAILED: 'See what the message says of the certificate; --ca-file (caFile) gives a CA of your own.',
  PUSH_REFUSED: 'See what the registry says, and whether it takes artifacts of this media type and size.',
  ADDRESS_DENIED:
    'If the registry is your own, say so: --local or `local: true` in its credentials entry; over plain HTTP --plain-http or `plainHttp: true`.',
  REDIRECT_DENIED: OPERATOR,
  REALM_DENIED:
    'If the token service is the registry’s, name it: `tokenService: https://HOST` in its credentials entry.',
  LINK_DENIED: OPERATOR,
  MEDIA_TYPE_UNSUPPORTED:
    'Point ref at an artifact that Landfall reads; `landfall resolve URL` says what it is at.',
  PLATFORM_NOT_FOUND: 'Name one of the platforms there are, with `platform` or --platform.',
  LAYER_NOT_FOUND: 'Name the layer wanted with `layers: { mediaType: … }` or --layers.',
  TAG_DIGEST_MISMATCH: 'The tag has moved: change the digest of the ref, or leave the tag out.',
  IGNORE_INVALID: 'Correct the ignore rules: .gitignore syntax.',
  STORE_LOCKED: 'End the other process, or use another --store.',
  STORE_VERSION: 'Use the version of Landfall that wrote the store, or a newer one.',
  SOURCE_NOT_FOUND: 'List the sources of the store with: landfall get sources',
  REVISION_NOT_FOUND: 'List the revisions with: landfall history SOURCE',
  OUTPUT_UNWRITABLE: 'Name a folder that may be written, on a disk with room.',
  OUTPUT_NOT_EMPTY: 'Name another folder, or add --force to replace it.',
  WEBHOOK_UNAUTHENTICATED: 'Give the sender the secret of the receiver.',
  WEBHOOK_MALFORMED: 'Compare what is sent with docs/webhooks.md.',
  WEBHOOK_TOO_LARGE: 'Send less in one webhook; one push is enough.',
  RECEIVER_NOT_FOUND: '`landfall receivers -f FILE` prints the URL of each.',
  RECEIVER_UNREACHABLE: 'Check --url, that serve listens there, and what stands before it.',
  ISSUER_UNAVAILABLE: 'Check the issuer of the receiver, and that it can be reached from here over https.',
  QUEUE_UNAVAILABLE: 'Send it again; the schedule looks in any case.',
  CANCELLED: 'Run it again; nothing was left half done.',
  INTERNAL: 'This may be a defect in Landfall: please report it with the message.',
};
