import type { CallOptions } from '../../kernel/call-options.ts';
import type { JsonObject } from '../../kernel/json.ts';

/** A service as ECS tells it. */
export interface ServiceView {
  /** `ACTIVE`, `DRAINING`, `INACTIVE`. */
  readonly status: string;
  /** `ECS`, `CODE_DEPLOY`, `EXTERNAL`. */
  readonly controller: string;
  /** ARN. */
  readonly taskDefinition: string;
}

/** A task definition as it was described, with its tags, which come beside it. */
export interface DescribedTaskDefinition {
  readonly definition: JsonObject;
  readonly tags: readonly JsonObject[];
}

/** A service deployment: what a look is about. */
export interface ServiceDeployment {
  readonly arn: string;
  /** `PENDING`, `IN_PROGRESS`, `SUCCESSFUL`, `STOPPED`, `ROLLBACK_FAILED`, … */
  readonly status: string;
  /** In ECS's words; empty where it gave none. */
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** ARN of the service revision that it brings. */
  readonly target: string;
  /** `BAKE_TIME`, `POST_TEST_TRAFFIC_SHIFT`, …; undefined for a rolling one. */
  readonly stage?: string | undefined;
  /** The PAUSE hook that waits for somebody. */
  readonly pause?: { readonly hookId: string; readonly expiresAt: number | undefined } | undefined;
}

/** What a service revision runs. */
export interface ServiceRevision {
  /** ARN. */
  readonly taskDefinition: string;
  /** Digest by name of the container, as far as ECS tells it. */
  readonly digests: Readonly<Record<string, string>>;
}

/**
 * One service of ECS, to be changed. Every method of this and of the port below throws LandfallError: DEPLOY_FAILED
 * where ECS says no, DEPLOY_UNAVAILABLE where it may say yes later; and ends with its signal.
 */
export interface ServiceTarget {
  /** `cluster/service` */
  readonly place: string;
  /** Undefined: there is none of this name. */
  service(options?: CallOptions): Promise<ServiceView | undefined>;
  /** By ARN, or the newest of a family. */
  taskDefinition(name: string, options?: CallOptions): Promise<DescribedTaskDefinition>;
  /** Returns the ARN of the new revision. */
  register(definition: JsonObject, options?: CallOptions): Promise<string>;
  /** Begins a deployment. ECS may still name the one before, so nothing is told of it. */
  update(taskDefinition: string, options?: CallOptions): Promise<void>;
}

/** Deployments of the same service. */
export interface ServiceDeployments {
  /** The last ones, newest first. */
  newest(options?: CallOptions): Promise<readonly ServiceDeployment[]>;
  revision(arn: string, options?: CallOptions): Promise<ServiceRevision | undefined>;
  /** Goes back to what ran before, whatever is configured. False: it has ended, or goes back already. */
  rollBack(deployment: string, options?: CallOptions): Promise<boolean>;
  /** Answers a PAUSE hook. False: it does not wait any more. */
  answer(
    hook: { readonly deployment: string; readonly hookId: string; readonly action: 'CONTINUE' | 'ROLLBACK' },
    options?: CallOptions,
  ): Promise<boolean>;
}
