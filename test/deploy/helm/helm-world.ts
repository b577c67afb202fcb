import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../../shared/clock.ts';
import { helmDeploy } from '../../../shared/deploy/helm/helm-deploy.ts';
import type { HelmProgress, HelmResult } from '../../../shared/deploy/helm/helm-progress.ts';
import { type HelmSettings, helmSettings } from '../../../shared/deploy/helm/helm-settings.ts';
import {
  type HelmContext,
  type HelmStep,
  type OpenRelease,
  openRelease,
} from '../../../shared/deploy/helm/helm-visit.ts';
import type { DeployPlan } from '../../../shared/deploy/kit/plan.ts';
import { NO_AWS } from '../../../shared/deploy/visit/no-aws.ts';
import { kindContext } from '../../support/deploys/kind-context.ts';

export type ChartFiles = Readonly<Record<string, Uint8Array | string>>;

export interface HelmRun {
  readonly end: Exclude<HelmStep, { readonly state: 'running' }>;
  /** What visits said that went on. */
  readonly messages: readonly string[];
  readonly log: readonly string[];
}

export interface HelmWorld {
  readonly name: string;
  readonly settings?: object;
  /** Of the last run. */
  readonly result?: HelmResult | undefined;
  readonly signal?: AbortSignal;
  readonly open?: OpenRelease;
  readonly context?: Partial<Pick<HelmContext, 'clock' | 'runId'>>;
}

const MOST_VISITS = 30;

/** A deploy of a chart by its own name, as the engine visits it: each visit knows no more than the progress of the last. */
export function releaseDeploy(
  server: { readonly kubeconfig: string },
  { name, settings = {}, result, signal, open = openRelease, context: more }: HelmWorld,
) {
  const programs: string[] = [];
  const counted: OpenRelease = async (context) => {
    const tools = await open(context);
    return {
      ...tools,
      [Symbol.asyncDispose]: () => tools[Symbol.asyncDispose](),
      openHelm: async () => {
        const opened = await tools.openHelm();
        const { helm } = opened;
        const run: typeof helm.run = (args) => {
          programs.push([args[0], ...args.filter((each) => each.startsWith('--dry-run'))].join(' '));
          return helm.run(args);
        };
        return { helm: { ...helm, run }, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
      },
    };
  };
  const kind = helmDeploy(counted);
  const contextOf = (files: ChartFiles, log: string[]): HelmContext => {
    const context = kindContext<HelmSettings, HelmResult>({
      kind: 'helm',
      settings: helmSettings.parse({ wait: false, kubeconfig: { value: 'told' }, ...settings }),
      files,
      aws: NO_AWS,
      clock: systemClock,
      log,
      ...(result !== undefined && { applied: { result } }),
      ...(signal !== undefined && { signal }),
    });
    return {
      ...context,
      deploy: { ...context.deploy, name },
      secret: async () => server.kubeconfig,
      ...more,
    };
  };
  const { step, look, undo, plan, remove } = kind;
  if (look === undefined || remove === undefined || undo === undefined) throw new TypeError('nothing looks');

  const drive = async (
    visit: (progress: HelmProgress | null) => Promise<HelmStep>,
    log: readonly string[],
    onRunning?: (message: string) => Promise<void> | void,
  ): Promise<HelmRun> => {
    const messages: string[] = [];
    let progress: HelmProgress | null = null;
    for (let visits = 0; visits < MOST_VISITS; visits += 1) {
      const visited: HelmStep = await visit(progress);
      if (visited.state !== 'running') return { end: visited, messages, log };
      messages.push(visited.message);
      progress = visited.progress;
      await onRunning?.(visited.message);
      await sleep(200);
    }
    throw new Error(`no end after ${MOST_VISITS} visits: ${messages.at(-1)}`);
  };

  return {
    /** What helm was run for, one word each. */
    programs,
    run: (files: ChartFiles, onRunning?: (message: string) => Promise<void> | void): Promise<HelmRun> => {
      const log: string[] = [];
      const context = contextOf(files, log);
      return drive(
        (progress) => (progress === null ? step(context) : look(context, progress)),
        log,
        onRunning,
      );
    },
    undo: (files: ChartFiles): Promise<HelmRun> => {
      const log: string[] = [];
      const context = contextOf(files, log);
      return drive((progress) => (progress === null ? undo(context, null) : look(context, progress)), log);
    },
    plan: (files: ChartFiles): Promise<DeployPlan> => plan(contextOf(files, [])),
    remove: (onRunning?: (message: string) => Promise<void> | void): Promise<HelmRun> => {
      const log: string[] = [];
      const context = contextOf({}, log);
      return drive((progress) => remove(context, progress), log, onRunning);
    },
  };
}

export const succeeded = ({ end }: HelmRun): HelmResult => {
  if (end.state !== 'succeeded' || end.result === undefined) throw new TypeError(`it is ${end.state}`);
  return end.result;
};

/** A chart by its templates, one `ConfigMap` without any. */
export const chart = (
  templates: Readonly<Record<string, string>> = {},
  more: ChartFiles = {},
): ChartFiles => ({
  'shop/Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 1.0.0\n',
  'shop/values.yaml': 'size: small\n',
  ...Object.fromEntries(Object.entries(templates).map(([name, text]) => [`shop/templates/${name}`, text])),
  ...more,
});

export const configMapTemplate = (name: string, value = '{{ .Values.size }}'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\ndata: { size: "${value}" }\n`;

/** All files of a folder, by their paths with a folder before them. */
export async function folderFiles(folder: string, under: string): Promise<ChartFiles> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
  return Object.fromEntries(
    await Promise.all(
      files.map(async (path) => [`${under}${path.slice(folder.length)}`, await readFile(path)] as const),
    ),
  );
}
