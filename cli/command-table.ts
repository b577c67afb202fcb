import type { CommandModule } from './command.ts';

/** What `--help` tells of a command. Its module is loaded where it is the one that was typed. */
interface ListedCommand {
  /** Its name and its arguments. */
  readonly usage: string;
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
}

/** Every command by its name, in the order `--help` shows them. */
export const COMMANDS: Readonly<Record<string, ListedCommand>> = {
  serve: {
    usage: 'serve',
    summary: 'follow sources: land what is pushed, emit events, deploy',
    load: () => import('./commands/serve.ts'),
  },
  validate: {
    usage: 'validate [paths...]',
    summary: 'check source documents',
    load: () => import('./commands/validate.ts'),
  },
  apply: {
    usage: 'apply',
    summary: 'put source documents into a deployed system',
    load: () => import('./commands/apply.ts'),
  },
  explain: {
    usage: 'explain <source>',
    summary: 'what a source would land now, with which credential, and why',
    load: () => import('./commands/explain.ts'),
  },
  receivers: {
    usage: 'receivers',
    summary: 'print the URL to give to each registry, or try one',
    load: () => import('./commands/receivers.ts'),
  },
  resolve: {
    usage: 'resolve <url>',
    summary: 'print what a tag or a range stands for now',
    load: () => import('./commands/resolve.ts'),
  },
  tags: {
    usage: 'tags <url>',
    summary: 'list the tags of a repository, ranked where a range or order is given',
    load: () => import('./commands/tags.ts'),
  },
  verify: {
    usage: 'verify <url>',
    summary: 'say who signed an artifact, and whether that is enough',
    load: () => import('./commands/verify.ts'),
  },
  pull: {
    usage: 'pull <url>',
    summary: 'fetch, verify and unpack an artifact into a folder',
    load: () => import('./commands/pull.ts'),
  },
  push: {
    usage: 'push <dir> <url>',
    summary: 'pack a folder into an artifact and push it',
    load: () => import('./commands/push.ts'),
  },
  tag: {
    usage: 'tag <url> <tags...>',
    summary: 'give an artifact more tags',
    load: () => import('./commands/tag.ts'),
  },
  copy: {
    usage: 'copy <from> <to>',
    summary: 'copy an artifact, with its signatures, to another repository',
    load: () => import('./commands/copy.ts'),
  },
  inspect: {
    usage: 'inspect <url>',
    summary: 'what a manifest says, and what refers to it',
    load: () => import('./commands/inspect.ts'),
  },
  list: {
    usage: 'list <url>',
    summary: 'list the tags of a repository with digest, date and revision',
    load: () => import('./commands/list.ts'),
  },
  login: {
    usage: 'login <registry>',
    summary: "try a login and keep it in docker's configuration",
    load: () => import('./commands/login.ts'),
  },
  logout: {
    usage: 'logout <registry>',
    summary: "take a login out of docker's configuration",
    load: () => import('./commands/logout.ts'),
  },
  diff: {
    usage: 'diff <a> <b>',
    summary: 'what changed between two artifacts, or an artifact and a folder',
    load: () => import('./commands/diff.ts'),
  },
  get: {
    usage: 'get',
    summary: 'list sources, artifacts, events or deploys of a store',
    load: () => import('./commands/get.ts'),
  },
  status: {
    usage: 'status <source>',
    summary: 'how one source stands: its revision, its failure and what to do',
    load: () => import('./commands/status.ts'),
  },
  history: {
    usage: 'history <source>',
    summary: 'the revisions of a source that are still in the store, newest first',
    load: () => import('./commands/history.ts'),
  },
  reconcile: {
    usage: 'reconcile <source>',
    summary: 'reconcile a source now',
    load: () => import('./commands/reconcile.ts'),
  },
  suspend: {
    usage: 'suspend <source>',
    summary: 'stop reconciling a source; what is current stays',
    load: () => import('./commands/suspend.ts'),
  },
  resume: {
    usage: 'resume <source>',
    summary: 'reconcile a suspended or rolled-back source again',
    load: () => import('./commands/resume.ts'),
  },
  rollback: {
    usage: 'rollback <source>',
    summary: 'make an earlier revision current again, and suspend',
    load: () => import('./commands/rollback.ts'),
  },
  replay: {
    usage: 'replay <source>',
    summary: 'have one deploy apply the current revision again',
    load: () => import('./commands/replay.ts'),
  },
  approve: {
    usage: 'approve <deploy>',
    summary: 'let a deploy begin that waits for an approval',
    load: () => import('./commands/approve.ts'),
  },
  reject: {
    usage: 'reject <deploy>',
    summary: 'keep a deploy from a revision that waits for an approval',
    load: () => import('./commands/reject.ts'),
  },
  skip: {
    usage: 'skip <revision>',
    summary: 'leave out a bad revision until something newer comes',
    load: () => import('./commands/skip.ts'),
  },
  deploy: {
    usage: 'deploy <name>',
    summary: 'say what a deploy would do',
    load: () => import('./commands/deploy.ts'),
  },
  logs: {
    usage: 'logs <deploy>',
    summary: 'what the last runs of a deploy said',
    load: () => import('./commands/logs.ts'),
  },
  fsck: {
    usage: 'fsck',
    summary: 'prove that the store holds what its records say',
    load: () => import('./commands/fsck.ts'),
  },
  collect: {
    usage: 'collect',
    summary: 'delete artifacts that nothing names any more',
    load: () => import('./commands/collect.ts'),
  },
};
