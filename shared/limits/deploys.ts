import { MiB } from './units.ts';

/** A template as CloudFormation takes it in a request; what is larger it reads from S3. */
export const STACK_BODY_BYTES = 51_200;
/** The largest it reads from S3. */
export const STACK_TEMPLATE_BYTES = 1 * MiB;
/** A zip as Lambda takes it in a request; what is larger it reads from S3. */
export const FUNCTION_ZIP_BYTES = 50 * MiB;
/** What Lambda takes once it is unpacked, layers included. */
export const FUNCTION_UNPACKED_BYTES = 250 * MiB;
/** Paths that a site has a distribution forget, as CloudFront takes them under way. */
export const SITE_INVALIDATED_PATHS = 3_000;
/** Tags that clusters of a deploy have to have: as many as EKS takes. */
export const CLUSTER_TAGS = 50;
/** One run of helm, hooks included: it has to fit into a visit. */
export const HELM_RUN_MS = 45 * 1000;
/** Clusters of one deploy: those of its list, or those that have its tags. */
export const KUBERNETES_CLUSTERS = 100;
/** What of an artifact a deploy into a cluster stages for kustomize, or for helm. */
export const KUBERNETES_ARTIFACT_BYTES = 64 * MiB;
/** What kustomize may make of it. */
export const KUBERNETES_MANIFEST_BYTES = 32 * MiB;
/** One object: the most that an API server takes of a request. */
export const KUBERNETES_OBJECT_BYTES = 3 * MiB;
/** Memory of the process that is kustomize, or helm: a few lines may ask it for all there is. */
export const KUBERNETES_BUILD_MEMORY_BYTES = 1024 * MiB;
/** Objects that one deploy applies. */
export const KUBERNETES_OBJECTS = 5000;
/** The list of them in a ConfigMap, which takes 1 MiB with its own fields. */
export const KUBERNETES_INVENTORY_BYTES = 1_000_000;
/** Variables of a manifest in the defaults of others. */
export const KUBERNETES_VARIABLE_DEPTH = 16;
/** One answer of an API server: a page of a list; and of helm, or a release that is unpacked. */
export const KUBERNETES_ANSWER_BYTES = 64 * MiB;
/** The end of what a deploy's command wrote to stderr, in an error. */
export const COMMAND_STDERR_CHARACTERS = 2048;
/** Of a `command` deploy: from SIGTERM to SIGKILL of its process group. Within the ten seconds that container runtimes give us. */
export const COMMAND_GRACE_MS = 5 * 1000;
/** How long what a command said before it ended may take to be read, where something it left behind holds its stderr. */
export const COMMAND_DRAIN_MS = 250;
/** Of a kind of deploy: from its signal to its end. Longer than its command has, and within what container runtimes give us. */
export const KIND_GRACE_MS = 8 * 1000;
/** One visit of a deploy whose target is at work, which is looked at again and again: nothing waits for it within one. */
export const VISIT_MS = 60 * 1000;
/** One file of an artifact that a kind reads whole, where it does not say. */
export const DEPLOY_FILE_BYTES = 8 * MiB;
/** Of what a kind of deploy keeps in the ledger: its progress, its result. */
export const DEPLOY_STATE_BYTES = 16 * 1024;
/** Changes that a ledger keeps of a plan, and characters of each. */
export const PLAN_CHANGES = 50;
export const PLAN_CHARACTERS = 512;
/** What is kept of a run's log. */
export const RUN_LOG_LINES = 200;
export const RUN_LOG_CHARACTERS = 1024;
/** How often each deploy of one machine compares its ledger with what is current. */
export const DEPLOY_LOOK_MS = 60 * 1000;
/** One answer of a Git server: the newest commit of a branch with all of its files, packed. It is in memory. */
export const GIT_ANSWER_BYTES = 32 * MiB;
/** Lines of such an answer: its branches and tags, or the pieces of a pack. */
export const GIT_PACKETS = 250_000;
/** The same commit unpacked, with what is made of deltas: objects, and bytes of all of them. */
export const GIT_OBJECTS = 50_000;
export const GIT_UNPACKED_BYTES = 128 * MiB;
/** One file that is committed, and all of one commit. */
export const GIT_FILE_BYTES = 16 * MiB;
export const GIT_COMMIT_BYTES = 32 * MiB;
/** Pushes of one visit, where somebody else pushed each time in between. */
export const GIT_PUSHES = 5;
/** What a Git server says to people, in an error. */
export const GIT_REMOTE_CHARACTERS = 1024;
/** Files, and images, that the message of a commit lists. */
export const GIT_MESSAGE_LINES = 50;
