/** What put the reconcile in motion. */
export type Trigger = 'webhook' | 'schedule' | 'request' | 'rollback';

/** The version every detail carries; it changes only when a field changes its meaning or goes away. */
export const DETAIL_VERSION = '1';

/** What an event tells of, in EventBridge's words. */
export type DetailType =
  | 'Artifact Revision Changed'
  | 'Source Reconcile Failed'
  | 'Source Recovered'
  | 'Source Suspended'
  | 'Source Resumed'
  | 'Deploy Waiting'
  | 'Deploy Decided'
  | 'Deploy Started'
  | 'Deploy Succeeded'
  | 'Deploy Failed';
