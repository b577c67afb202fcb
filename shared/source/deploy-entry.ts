import type { JsonObject } from '../kernel/json.ts';
import type { DeployWindow } from './deploy-window.ts';

/** The role of AWS that a deploy works as. */
export interface DeployRole {
  readonly arn: string;
  readonly externalId?: string;
}

/** Clusters of EKS, by what they are tagged with: which they are is found out where the deploy runs. */
export interface ClusterSelector {
  /** All of these. */
  readonly tags: Readonly<Record<string, string>>;
  /** Default: that of the deploy, or where the process is. */
  readonly regions?: readonly string[];
  /** The tag whose number says in which wave a cluster is. */
  readonly waveTag?: string;
}

/** What every kind of deploy is told of itself. */
export interface DeployCommon {
  readonly name: string;
  /** `namespace/name`, or a glob over it. */
  readonly source: string;
  /** Only what is under this folder of the artifact; also the folder that must have changed. */
  readonly path?: string;
  /** `namespace/name` of other sources, whose current revision it uses: a new one makes a deploy, too. */
  readonly uses?: readonly string[];
  /** An EventBridge pattern over the envelope. */
  readonly pattern?: Readonly<Record<string, unknown>>;
  /** Of a whole run, whatever is under way for it. */
  readonly timeoutMs: number;
  /** Told to the kind. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Tries of one generation in all; absent: as whoever runs it has it. */
  readonly tries?: number;
  /** `onFailure`: what failed for good is taken back, where the kind can. */
  readonly rollback?: 'onFailure';
  /** Names of deploys. */
  readonly dependsOn?: readonly string[];
  readonly approval?: 'required';
  /** What it deploys has to be verified. */
  readonly verify?: 'required';
  readonly windows?: readonly DeployWindow[];
  readonly dryRun?: boolean;
  readonly suspend?: boolean;
  /** An object of Flux asked for it, which names no cluster: it means the one that it is read in. */
  readonly isMapped?: true;
  /** It is suspended as the machine that reads it has no cluster. */
  readonly lacksCluster?: true;
  /** How often the target is compared; absent: only where that costs next to nothing. */
  readonly intervalMs?: number;
  readonly drift?: 'correct' | 'tell' | 'off';
  readonly prune?: boolean;
  /** It is for each of these; absent: for the one that its settings name. */
  readonly clusters?: ClusterSelector;
  /** Runs whose log is kept. */
  readonly history?: number;
  readonly role?: DeployRole;
  /** Of AWS; absent: where the process is. */
  readonly region?: string;
}

/** A consumer of revisions, of whatever kind. `settings` are the kind's own fields, as its schema has read them. */
export interface DeployEntry extends DeployCommon {
  readonly kind: string;
  readonly settings: JsonObject;
}
