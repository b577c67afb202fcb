// Of the documents: how long their lists are, and their texts.

/** A path as Linux takes it. */
export const FILE_PATH_CHARACTERS = 4096;
/** A folder within an artifact. */
export const FOLDER_CHARACTERS = 1024;
/** A field of a secret that is JSON. */
export const SECRET_FIELD_CHARACTERS = 255;
/** A value of a label, and of a tag of AWS. */
export const LABEL_CHARACTERS = 256;
/** A key of a tag, as AWS takes it. */
export const TAG_KEY_CHARACTERS = 128;
/** A prefix, a slash and a name, as keys of Kubernetes are. */
export const KUBERNETES_KEY_CHARACTERS = 317;
/** A name of Kubernetes that is a DNS subdomain; a name of a host. */
export const SUBDOMAIN_CHARACTERS = 253;
/** As Helm names its Secrets of a release. */
export const RELEASE_NAME_CHARACTERS = 53;
/** The name of an entry of kustomize's images. */
export const IMAGE_NAME_CHARACTERS = 255;

/** Other names of a receiver's registry, and globs over its repositories. */
export const RECEIVER_HOSTS = 10;
export const RECEIVER_REPOSITORIES = 100;
/** What a token is for; who may have sent it; one of its claims by name; the name of the key that signed it. */
export const AUDIENCE_CHARACTERS = 512;
export const ADDRESS_CHARACTERS = 320;
export const CLAIM_CHARACTERS = 128;
export const KEY_NAME_CHARACTERS = 256;

/** Conditions of one attestation, and what one compares with. */
export const ATTESTATION_CONDITIONS = 16;
export const ATTESTATION_CHARACTERS = 1024;

/** Globs over sources and deploys, and expressions over a text, of one entry of `notify`. */
export const NOTIFY_SOURCES = 100;
export const NOTIFY_DEPLOYS = 1_000;
export const NOTIFY_EXPRESSIONS = 32;
/** What it adds, a body that it makes, and whom mail goes to. */
export const NOTIFY_METADATA_CHARACTERS = 512;
export const NOTIFY_TEMPLATE_CHARACTERS = 16_384;
export const NOTIFY_RECIPIENTS = 50;
/** Where a provider is to write, as whom, under which name, and what its body is said to be. */
export const NOTIFY_CHANNEL_CHARACTERS = 2048;
export const NOTIFY_USER_CHARACTERS = 80;
export const NOTIFY_CONTEXT_CHARACTERS = 200;
export const CONTENT_TYPE_CHARACTERS = 200;
/** A type or a kind of Flux's. */
export const FLUX_TYPE_CHARACTERS = 64;

/** Tries of one generation, what a deploy waits for, when it may begin, and runs whose log is kept. */
export const DEPLOY_TRIES = 1_000;
export const DEPLOY_DEPENDENCIES = 32;
export const DEPLOY_WINDOWS = 32;
export const DEPLOY_RUNS = 50;
/** Regions that clusters are looked for in. */
export const CLUSTER_REGIONS = 32;
/** A program with its arguments. */
export const COMMAND_ARGUMENTS = 256;
/** Steps by which an alias of a function moves, and the name of an alarm. */
export const FUNCTION_SHIFTS = 20;
export const ALARM_NAME_CHARACTERS = 255;
/** Of a commit. */
export const COMMIT_MESSAGE_CHARACTERS = 8192;
/** Files of values, values of a cluster, and fields that are left alone, of one chart. */
export const HELM_VALUES = 64;
/** One value, as behind `--set`. */
export const HELM_VALUE_PATH_CHARACTERS = 250;
