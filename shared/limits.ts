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

export const KiB = 1024;
export const MiB = 1024 * KiB;
export const GiB = 1024 * MiB;

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
export const SOURCE_DOCUMENT_BYTES = 256 * KiB;

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
export const PATTERN_COMBINATIONS = 1000;
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
export const TOLD_SHAPES = 64;
export const TOLD_SHAPES_MS = 60 * 60 * 1000;
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
/** `landfall collect --grace` below it wants --force: a reader, or a run that was stopped, may need what goes. */
export const COLLECT_LEAST_GRACE_MS = 10 * 60 * 1000;
/** How far events may stand out of order in the log: what was told late, and clocks that were put right. */
export const EVENT_DISORDER_MS = 60 * 60 * 1000;
