/** What keeps a deploy from beginning, as its ledger and the event say it. */
export const HOLDS = [
  'suspended',
  'skipped',
  'dryRun',
  'rejected',
  'verification',
  'approval',
  'dependency',
  'window',
] as const;
