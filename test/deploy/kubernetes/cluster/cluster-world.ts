import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../../../shared/clock.ts';
import type { DeployPlan } from '../../../../shared/deploy/kit/plan.ts';
import type { StepResult } from '../../../../shared/deploy/kit/step-result.ts';
import { kubernetesDeploy } from '../../../../shared/deploy/kubernetes/kubernetes-deploy.ts';
import type {
  KubernetesProgress,
  KubernetesResult,
} from '../../../../shared/deploy/kubernetes/kubernetes-progress.ts';
import {
  type KubernetesSettings,
  kubernetesSettings,
} from '../../../../shared/deploy/kubernetes/kubernetes-settings.ts';
import type { KubernetesContext } from '../../../../shared/deploy/kubernetes/kubernetes-visit.ts';
import { NO_AWS } from '../../../../shared/deploy/visit/no-aws.ts';
import { kindContext } from '../../../support/deploys/kind-context.ts';
import type { ApiServer } from '../../../support/kubernetes/api-server.ts';

export type Files = Readonly<Record<string, string>>;

export interface Run {
  readonly end: Exclude<StepResult<KubernetesProgress, KubernetesResult>, { readonly state: 'running' }>;
  /** What visits said that went on. */
  readonly messages: readonly string[];
  readonly log: readonly string[];
}

export interface ClusterDeploy {
  readonly name: string;
  readonly settings?: Partial<KubernetesSettings>;
  /** Of the last run. */
  readonly result?: KubernetesResult | undefined;
  readonly signal?: AbortSignal;
  readonly uses?: KubernetesContext['uses'];
}

const MOST_VISITS = 150;

/** A deploy of its own name, as the engine visits it: each visit knows no more than the progress of the last. */
export function clusterDeploy(
  server: Pick<ApiServer, 'kubeconfig'>,
  { name, settings = {}, result, signal, uses = [] }: ClusterDeploy,
) {
  const contextOf = (files: Files, log: string[]): KubernetesContext => {
    const context = kindContext<KubernetesSettings, KubernetesResult>({
      kind: 'kubernetes',
      settings: kubernetesSettings.parse({ wait: false, kubeconfig: { value: 'told' }, ...settings }),
      files,
      aws: NO_AWS,
      clock: systemClock,
      log,
      ...(result !== undefined && { applied: { result } }),
      ...(signal !== undefined && { signal }),
    });
    return { ...context, uses, deploy: { ...context.deploy, name }, secret: async () => server.kubeconfig };
  };
  const { step, look, undo, plan, remove } = kubernetesDeploy;
  if (look === undefined || remove === undefined) throw new TypeError('nothing looks');

  const drive = async (
    begin: (progress: KubernetesProgress | null) => Promise<StepResult<KubernetesProgress, KubernetesResult>>,
    log: readonly string[],
    onRunning?: (message: string) => Promise<void> | void,
  ): Promise<Run> => {
    const messages: string[] = [];
    let progress: KubernetesProgress | null = null;
    for (let visits = 0; visits < MOST_VISITS; visits += 1) {
      const visited: StepResult<KubernetesProgress, KubernetesResult> = await begin(progress);
      if (visited.state !== 'running') return { end: visited, messages, log };
      messages.push(visited.message);
      progress = visited.progress;
      await onRunning?.(visited.message);
      await sleep(200);
    }
    throw new Error(`no end after ${MOST_VISITS} visits: ${messages.at(-1)}`);
  };

  return {
    /** Takes back what failed, to these files. */
    undo: (
      before: Files,
      onRunning?: (message: string) => Promise<void> | void,
      usesBefore: NonNullable<KubernetesContext['uses']> = [],
    ): Promise<Run> => {
      const log: string[] = [];
      const { artifact } = contextOf(before, log);
      const applied = {
        generation: 1,
        revision: 'before',
        digest: '',
        contentDigest: '',
        at: '',
        result: null,
        uses: usesBefore,
      };
      const context = { ...contextOf({}, log), applied, artifactBefore: async () => artifact };
      if (undo === undefined) throw new TypeError('nothing takes back');
      return drive(
        (progress) => (progress === null ? undo(context, null) : look(context, progress)),
        log,
        onRunning,
      );
    },
    context: (files: Files): KubernetesContext => contextOf(files, []),
    run: (files: Files, onRunning?: (message: string) => Promise<void> | void): Promise<Run> => {
      const log: string[] = [];
      const context = contextOf(files, log);
      return drive(
        (progress) => (progress === null ? step(context) : look(context, progress)),
        log,
        onRunning,
      );
    },
    plan: (files: Files): Promise<DeployPlan> => plan(contextOf(files, [])),
    remove: (onRunning?: (message: string) => Promise<void> | void): Promise<Run> => {
      const log: string[] = [];
      const context = contextOf({}, log);
      return drive((progress) => remove(context, progress), log, onRunning);
    },
  };
}

export const configMap = (name: string, data: Readonly<Record<string, string>>, more: object = {}): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...more }, data });

export const namespaced = (name: string): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

/** What the server keeps, as an object; undefined where it is not there. */
export async function objectOf(
  server: ApiServer,
  ...args: readonly string[]
): Promise<Record<string, unknown> | undefined> {
  const text = await server.kubectl('get', ...args, '-o', 'json', '--ignore-not-found');
  return text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>);
}
