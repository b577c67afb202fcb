import type { CredentialEntry } from '../credentials/credential-entry.ts';
import type { Limits } from '../limits.ts';
import type { SourceId } from '../model/ids.ts';
import type { NotifyEntry } from '../notify/notify-entry.ts';
import type { Repository } from '../oci/reference.ts';
import type { Ref } from '../resolve/ref.ts';
import type { UnpackOptions } from '../unpack/unpack-options.ts';
import type { VerifyPolicy } from '../verify/policy/policy.ts';
import type { Composed } from './composed/composed.ts';
import type { DeployEntry } from './deploy-entry.ts';
import type { ReceiverEntry } from './receiver-entry.ts';

/** One watched thing, checked and with every default filled in. Made by source/document.ts alone. */
export interface Source extends SourceId {
  /** `oci://…`, or `landfall://<namespace>/<name>` where it is composed: no registry has that. */
  readonly url: string;
  /** Of a composed source one that no host is called: it is never asked. */
  readonly repository: Repository;
  readonly ref: Ref;
  readonly intervalMs: number;
  /** How far polls may be apart while webhooks are known to work; absent: never further than `intervalMs`. */
  readonly maxIntervalMs?: number;
  readonly timeoutMs: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly suspend: boolean;
  readonly unpack: UnpackOptions;
  readonly retain: { readonly revisions: number };
  readonly limits: Limits;
  /** Who has to have signed what lands; absent: nobody is asked. */
  readonly verify?: VerifyPolicy;
  /** What the installation wants beside that, whatever its document says; absent: nothing. */
  readonly policies?: readonly VerifyPolicy[];
  /** To go on under this document where a later one is refused; absent: it stalls. */
  readonly onRefused?: 'keep';
  /** Of what it is composed; absent: it follows its repository. */
  readonly composed?: Composed;
  /** Other namespaces whose sources may be composed of it; absent: none. */
  readonly accessFrom?: readonly string[];
}

/** Whether a field decides what a source lands: it is part of its spec digest then. */
export const DECIDES_WHAT_LANDS: Readonly<Record<keyof Source, boolean>> = {
  url: true,
  ref: true,
  unpack: true,
  limits: true,
  verify: true,
  policies: true,
  composed: true,
  /** As `url`, which is one spelling of it. */
  repository: false,
  namespace: false,
  name: false,
  intervalMs: false,
  maxIntervalMs: false,
  timeoutMs: false,
  labels: false,
  suspend: false,
  retain: false,
  onRefused: false,
  accessFrom: false,
};

/** A source whose document is refused: not looked at until it is corrected. What it landed stays. */
export interface StalledSource extends SourceId {
  readonly url: string;
  /** Every problem with file, line and key. */
  readonly message: string;
  /** NOT_SUPPORTED where that is all; absent: CONFIG_INVALID. */
  readonly code?: 'NOT_SUPPORTED';
}

/** Something in a document that was read and has no effect here. */
export interface Notice {
  /** `file:line:column`. */
  readonly place: string;
  readonly message: string;
}

/** All documents of one installation, merged. */
export interface Configuration {
  readonly sources: readonly Source[];
  readonly credentials: readonly CredentialEntry[];
  readonly receivers: readonly ReceiverEntry[];
  readonly deploys: readonly DeployEntry[];
  readonly notify: readonly NotifyEntry[];
  readonly notices: readonly Notice[];
  /** Not among `sources`. */
  readonly stalled: readonly StalledSource[];
  /** Of `stalled`, as their last good document had them: what is composed of them is held to that. Absent: none. */
  readonly waiting?: readonly Source[];
  /** Among `sources`, by their last good document: a later one is refused. */
  readonly kept?: readonly StalledSource[];
  /** What else is wrong with the documents, a line each: it stalls and keeps no source. */
  readonly problems?: readonly string[];
}

export const NO_DOCUMENTS: Configuration = {
  sources: [],
  credentials: [],
  receivers: [],
  deploys: [],
  notify: [],
  notices: [],
  stalled: [],
};
