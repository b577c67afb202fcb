import { once } from 'node:events';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HeadStage, Wire } from './head-stage.ts';

type Heal = () => void | Promise<void>;

/** One thing that goes wrong, until it is healed. */
export interface Fault {
  readonly name: string;
  /** How long from its beginning the registry wants not to be asked, be the fault over before or not. */
  readonly askedMs: number;
  readonly begin: (stage: HeadStage) => Heal | Promise<Heal>;
}

const wired = (name: string, does: Wire): Fault => ({
  name,
  askedMs: 0,
  begin: (stage) => {
    stage.wire(does);
    return () => stage.wire('passes');
  },
});

const answered = (status: number): Fault => ({
  name: `the registry answers ${status}`,
  askedMs: 0,
  begin: ({ registry: { faults } }) => {
    faults.add({ path: /./ }, { kind: 'status', status });
    return () => faults.clear();
  },
});

/** How long a fault is there, in full. */
export const HOLD_MS = 12_000;
const ASKED_MS = 20_000;

const askedToWait: Fault = {
  name: `the registry answers 429, and when ${ASKED_MS / 1000} s are over`,
  askedMs: ASKED_MS,
  begin: ({ registry: { faults } }) => {
    const retryAfter = new Date(Date.now() + ASKED_MS);
    faults.add({ path: /./ }, { kind: 'status', status: 429, retryAfter });
    return () => faults.clear();
  },
};

/** A folder of the store, away for a while, with a file where it was: whoever asks gets ENOTDIR, root too. */
const unreadable = (folder: string): Fault => ({
  name: `${folder}/ of the store cannot be used`,
  askedMs: 0,
  begin: ({ store }) => {
    const path = join(store, folder);
    if (existsSync(path)) renameSync(path, `${path}.away`);
    writeFileSync(path, '');
    return () => {
      rmSync(path);
      if (existsSync(`${path}.away`)) renameSync(`${path}.away`, path);
    };
  },
});

export const FAULTS: readonly Fault[] = [
  wired('the registry closes every connection', 'closes'),
  wired('the registry is silent, and answers then', 'waits'),
  wired('the registry is silent, and what was asked is lost', 'drops'),
  answered(503),
  answered(429),
  askedToWait,
  ...['sources', 'artifacts', 'staging', 'locks', 'events', 'requests'].map(unreadable),
  {
    name: 'serve is stopped (SIGSTOP)',
    askedMs: 0,
    begin: ({ serve }) => {
      serve.kill('SIGSTOP');
      return () => void serve.kill('SIGCONT');
    },
  },
  {
    name: 'serve is killed (SIGKILL), and starts',
    askedMs: 0,
    begin: async (stage) => {
      stage.serve.kill('SIGKILL');
      await once(stage.serve, 'exit');
      return () => stage.start();
    },
  },
];
