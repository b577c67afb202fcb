import { GiB, KiB, MiB } from './limits/units.ts';

export * from './limits/aws.ts';
export * from './limits/commands.ts';
export * from './limits/console.ts';
export * from './limits/deploys.ts';
export * from './limits/documents.ts';
export * from './limits/layers.ts';
export * from './limits/packs.ts';
export * from './limits/trust.ts';
export * from './limits/units.ts';

/** Every bound on foreign bytes. Units are in the names; each default has a test one unit either side. */
export interface Limits {
  readonly manifestBytes: number;
  readonly layerBytes: number;
  readonly unpackedBytes: number;
  readonly files: number;
  readonly ratio: number;
  readonly ratioGraceBytes: number;
  readonly pathBytes: number;
  readonly pathDepth: number;
  readonly extensionHeaderBytes: number;
  readonly tagPages: number;
}

export const DEFAULT_LIMITS: Limits = {
  /** distribution-spec "Pushing Manifests": registries SHOULD accept at least 4 megabytes. */
  manifestBytes: 4 * MiB,
  /** Compressed bytes of one layer. */
  layerBytes: 512 * MiB,
  /** Decompressed bytes of one artifact, tar headers included. */
  unpackedBytes: 2 * GiB,
  files: 50_000,
  /** Decompressed over compressed bytes, once {@link Limits.ratioGraceBytes} have come out. */
  ratio: 200,
  ratioGraceBytes: 1 * MiB,
  /** S3 keys end at 1,024 bytes; the prefix a path is stored under counts too. */
  pathBytes: 1024,
  pathDepth: 64,
  extensionHeaderBytes: 1 * MiB,
  tagPages: 1000,
};

/** The most a source may ask for. Paths end where S3's keys do. */
export const LIMIT_MAXIMA: Limits = {
  manifestBytes: 64 * MiB,
  layerBytes: 16 * GiB,
  unpackedBytes: 64 * GiB,
  files: 1_000_000,
  ratio: 10_000,
  ratioGraceBytes: 1 * GiB,
  pathBytes: DEFAULT_LIMITS.pathBytes,
  pathDepth: 255,
  extensionHeaderBytes: 16 * MiB,
  tagPages: 10_000,
};

export const WEBHOOK_BODY_BYTES = 1 * MiB;
export const REGEX_CHARACTERS = 512;
/** Compiled size of a filter: `.{1000}` is short to write, and each instruction may cost a step per character. */
export const REGEX_INSTRUCTIONS = 2000;
export const RANGE_CHARACTERS = 512;
/** Tags a list may name in vain (it is stale, or lies) before resolving gives up. */
export const LISTED_TAG_ATTEMPTS = 3;
/** NAME_MAX of the file systems that artifacts end on; S3 has no such bound, but the same artifact must fit both. */
export const PATH_SEGMENT_BYTES = 255;
/** PATH_MAX of Linux, of which no link's target can be more. */
export const LINK_TARGET_BYTES = 4 * KiB;
/**
 * zstd windows above 64 MiB (2^26) are refused: the window is memory the sender chooses, and ours is to stay under
 * 200 MB whatever comes. `zstd -19` asks for 8 MiB; only `--long=27` and `--ultra -22` ask for more than this.
 */
export const ZSTD_WINDOW_LOG_MAX = 26;
/** What a document may ask of a registry: no more requests at once than there are sockets (agents.ts). */
export const REGISTRY_CONCURRENCY_MAX = 32;
export const REGISTRY_REQUESTS_PER_MINUTE_MAX = 60_000;
/** A token or error body is small; anything longer is cut or refused. */
export const TOKEN_BODY_BYTES = 64 * KiB;
export const ERROR_BODY_BYTES = 64 * KiB;
/** All pages of a tag list together: 100 pages of 1,000 tags of 128 characters fit. */
export const TAG_LIST_BYTES = 16 * MiB;
/** Parts of a composed source, and images that it is given. */
export const COMPOSED_PARTS = 100;
/** Of the name of one that has urls: each is a source of its own, by a longer name. */
export const COMPOSED_NAME_CHARACTERS = 50;
/** A file that images may be written into: manifests are kilobytes, and a larger one is left as it is. */
export const IMAGE_FILE_BYTES = 4 * MiB;
export const SOURCE_DOCUMENT_BYTES = 256 * KiB;
/** Expressions that leave tags out of a source, as many as an ImageRepository of Flux's may have. */
export const REF_EXCLUSIONS = 25;

/** EventBridge's hard limit for one PutEvents entry; ours stays well below it whatever the artifact. */
export const EVENT_BYTES = 256 * KiB;
/** Changed paths an event lists before they collapse into folders, and their JSON bytes. */
export const EVENT_PATHS = 200;
export const EVENT_PATHS_BYTES = 16 * KiB;
/** JSON bytes of the annotations in a status and an event (of the revision and of the one before) and of labels; the rest is in the commit record. */
export const EVENT_ANNOTATIONS_BYTES = 32 * KiB;
export const EVENT_LABELS_BYTES = 16 * KiB;
/** Characters of an error message or hint in an event. */
export const EVENT_MESSAGE_CHARACTERS = 1024;
/** The event log on one machine: bytes of a segment before the next begins, and how many are kept. */
export const EVENT_SEGMENT_BYTES = 64 * MiB;
export const EVENT_SEGMENTS = 4;
/** Event ids remembered to drop repeats. */
export const EVENT_IDS = 10_000;
/** Nesting, JSON characters and combinations by `$or` of an event pattern; EventBridge takes 4,096 characters and 1,000 combinations. */
export const PATTERN_DEPTH = 16;
export const PATTERN_CHARACTERS = 4096;
/** Of a rule's whole pattern, by EventBridge's default quota. @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
export const RULE_PATTERN_CHARACTERS = 2048;
export const PATTERN_COMBINATIONS = 1000;
/** Of one variable of a function: all of them together have 4,096 bytes, and the others of ours take less than 800. */
export const LAMBDA_VARIABLE_CHARACTERS = 3_000;
/** Webhook bodies read at the same time: with WEBHOOK_BODY_BYTES this bounds what senders can make us hold. */
export const WEBHOOK_BODIES = 64;
export const WEBHOOK_CONNECTIONS = 512;
/** Of these, what one address (of IPv6 one /64) may hold: a flood from there keeps nobody else out. */
export const WEBHOOK_BODIES_PER_ADDRESS = 32;
export const WEBHOOK_CONNECTIONS_PER_ADDRESS = 64;
/** Until the head of a request is there, and until all of it is. */
export const WEBHOOK_HEAD_MS = 10_000;
export const WEBHOOK_REQUEST_MS = 30_000;
/** Kinds of webhooks that are no push, and are told of, in one such time. */
export const LOGGED_SHAPES = 64;
export const LOGGED_SHAPES_MS = 60 * 60 * 1000;
/** Standard Webhooks: a signed timestamp further away than this is a replay or a broken clock. */
export const WEBHOOK_TOLERANCE_MS = 5 * 60 * 1000;
/** A signed token in a header; those of every issuer we know are under 4 KiB. */
export const JWT_BYTES = 16 * KiB;
/** How far the clocks of an issuer and ours may be apart. */
export const JWT_SKEW_MS = 60 * 1000;
/** An issuer's discovery document or its keys, and the keys of it that are looked at. */
export const ISSUER_DOCUMENT_BYTES = 256 * KiB;
export const ISSUER_KEYS = 64;
/** For both documents of an issuer together: a sender is waiting. */
export const ISSUER_TIMEOUT_MS = 5 * 1000;
/** Manifests read on the way through an index, and indexes in it, to the one of a platform. */
export const INDEX_MANIFESTS = 8;
/** Listed tags that may turn out to be about another manifest before resolving gives up: each costs a request. */
export const LISTED_REFERRERS = 8;
/** Layers of one artifact that are unpacked: each costs a request. */
export const LAYERS = 512;
/** All ignore patterns of one artifact, the source's own included. */
export const IGNORE_BYTES = 256 * KiB;
export const IGNORE_RULES = 1_000;
/** No path is longer, so no longer pattern matches one. */
export const IGNORE_PATTERN_CHARACTERS = 1_024;
/** `**` in one pattern, before its end: the only wildcard whose cost multiplies. */
export const IGNORE_GLOBSTARS = 2;
/** What S3 copies in one request. @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export const SITE_FILE_BYTES = 5 * GiB;

// Of documents and what they name.
export const GLOB_CHARACTERS = 256;
/** A file with a Secret of Kubernetes, whose objects are no larger. */
export const KUBERNETES_SECRET_BYTES = 1 * MiB;
/** Aliases that a YAML document may expand to: no bomb of them. */
export const YAML_ALIASES = 100;
export const SOURCE_LABELS = 32;
/** Of one source's own patterns: part of IGNORE_BYTES. */
export const SOURCE_IGNORE_BYTES = 64 * KiB;
export const RETAINED_REVISIONS_MAX = 1000;
/** Of what is wrong with a refused source, in its status. */
export const STALLED_MESSAGE_CHARACTERS = 1024;
/** Problems of documents that are kept in the bucket, a line each. */
export const COMPILED_PROBLEMS = 100;
/** Values of a Flux object that are looked through for a registry, or for variables that nobody filled in. */
export const FLUX_VALUES = 10_000;
/** distribution caps the whole name of a repository there. */
export const REPOSITORY_CHARACTERS = 255;
/** Of LANDFALL_USER_AGENT. */
export const USER_AGENT_CHARACTERS = 200;

// Of credentials.
/** Credentials, certificates and docker configs are small. */
export const CREDENTIAL_FILE_BYTES = 1 * MiB;
/** Of `docker-credential-<name> get`. */
export const PROGRAM_TIMEOUT_MS = 10 * 1000;
export const PROGRAM_OUTPUT_BYTES = 64 * KiB;
/** One request to a cloud's token service. */
export const CLOUD_TOKEN_TIMEOUT_MS = 10 * 1000;

// Of a registry and what is between here and it.
export const REGISTRY_CONNECT_MS = 10 * 1000;
/** Until the head of a response, and between two chunks of a body that is being read. */
export const REGISTRY_IDLE_MS = 30 * 1000;
/** A request that has no head of its answer after this may be on a connection that is lost: another is tried beside it. */
export const CONNECTION_DOUBT_MS = 5 * 1000;
/** Of a process that asks many registries: half of them wait for name servers at most, which may say nothing for long. */
export const THREADS = 32;
export const REDIRECTS = 5;
/** A token request outlives nobody who waits for it, and never this. */
export const TOKEN_TIMEOUT_MS = 30 * 1000;
/** A token is asked for anew after this, whatever it says. */
export const TOKEN_LIFE_SECONDS = 12 * 3600;
/** Longer than any real one; a header block is bounded by the HTTP parser as well. */
export const CHALLENGE_CHARACTERS = 16 * KiB;
/** Longer or more is no challenge of a registry's. */
export const CHALLENGE_SCOPES = 8;
export const SCOPE_CHARACTERS = 512;
/** So often is a blob that was cut taken up where it ended, before the whole call has failed. */
export const BLOB_RESUMES = 5;
/** Asked to wait longer, the call fails with retryAfterMs: whoever scheduled it can wait better. */
export const RETRY_AFTER_WAIT_MS = 30 * 1000;
/** A wrong number of Retry-After counts for no more. */
export const RETRY_AFTER_MS = 24 * 60 * 60 * 1000;
/** A host that asks for more is asked again after this: a wrong number must not silence us for days. */
export const REGISTRY_PAUSE_MS = 60 * 60 * 1000;
// Of manifests and layers.
/** Deeper documents than this are attacks on somebody's recursion. */
export const JSON_DEPTH = 64;
/** Open at once in a document that is yet to be parsed: a parser would need some hundred bytes for each. */
export const OPEN_BRACKETS = 5_000;
/** zstd:chunked has a frame for each file; millions of empty frames are only there to cost time. */
export const ZSTD_FRAMES = 100_000;
/** Folders and links are cheap to send and cost memory here: at most this many entries for each file allowed. */
export const ENTRIES_PER_FILE = 2;
/** As many links as Linux follows in one path. */
export const LINK_HOPS = 40;
/** Bytes of links that all paths of an image together may be led through: one link's target can be 4 KiB of "./". */
export const IMAGE_LINK_BYTES = 64 * MiB;
// Of events and webhooks.
/** RFC 6838 caps a type and a subtype at 127 characters each. */
export const MEDIA_TYPE_CHARACTERS = 255;
/** A line of the log: the envelope adds little to an entry; a longer line is not ours. */
export const EVENT_LINE_BYTES = 2 * EVENT_BYTES;
/** What EventBridge compares as numbers, both included; others are equal to themselves and no more. */
export const PATTERN_NUMBER = 5e9;
/** Signatures looked at in one header: enough to rotate a key, too few to be worth sending many. */
export const WEBHOOK_SIGNATURES = 8;
/** A sample that is sent to a receiver by hand. */
export const SAMPLE_TIMEOUT_MS = 10 * 1000;
/** `landfall collect --grace` below it wants --force: a reader, or a run that was stopped, may need what goes. */
export const COLLECT_LEAST_GRACE_MS = 10 * 60 * 1000;
/** How far events may stand out of order in the log: what was told late, and clocks that were put right. */
export const EVENT_DISORDER_MS = 60 * 60 * 1000;

/** Of one request to a provider of notifications. */
export const NOTIFY_TIMEOUT_MS = 15 * 1000;
// Of alarms.
/** A source that fails for the moment is told of from here on: a registry's blip is nobody's to see to. */
export const FAILING_MS = 15 * 60 * 1000;
/** Documents of the store that are not parsed again while their bytes are the same, the last that were read; and bytes of one. */
export const DOCUMENTS_KNOWN = 500;
export const KNOWN_DOCUMENT_BYTES = 64 * KiB;
/** Sources that one poll asks about by itself; the rest go to the queue in sweeps. */
export const POLLED_SOURCES = 2000;
/** Signatures of one digest that are looked at, and bytes of one with what it stands on. */
export const SIGNATURES = 50;
export const SIGNATURE_BYTES = 1 * MiB;
/** Log entries that one signature comes with, and time stamps: as many as sigstore-go looks at. */
export const SIGNATURE_PROOFS = 32;
/** Entries of any list in a bundle: certificates, proofs, hashes of the largest tree. */
export const BUNDLE_LIST = 128;
/** Of one thing that its maker wrote, where it is told. */
export const QUOTED_CHARACTERS = 160;
/** Of why one does not count: parts of it are whatever its maker wrote. */
export const SIGNATURE_REASON = 1000;
/** Keys and identities of one policy: an event names all that signed. */
export const POLICY_SIGNERS = 16;
/** Attestations that one policy wants. */
export const ATTESTATIONS = 16;
/** An issuer or a subject of a certificate. */
export const IDENTITY_CHARACTERS = 1024;
