import type { Invariant } from './seen.ts';

const SLACK_MS = 120_000;

/** Only what is in no document is taken away, and of that only what the ledger says is ours; the ledger goes last. */
export const onlyOursRemoved: Invariant = ({ at, acts, ledgers, ledgerChanges, standing, truth }) => [
  ...ledgerChanges.flatMap(({ before, after }) =>
    after === undefined && before != null && standing(before.deploy) !== null
      ? [`I15: the ledger of ${before.deploy} is gone, and what it made is not`]
      : [],
  ),
  ...acts
    .filter(({ what }) => what === 'remove')
    .flatMap(({ deploy, run }) => {
      const ledger = [...ledgers.values()].find((each) => each.deploy === deploy);
      const ours = ledger?.applied?.result as { readonly runId?: string } | undefined;
      return [
        ...(truth.wasAbsent(deploy, at - SLACK_MS)
          ? []
          : [`I15: ${deploy} is removed, and is in a document`]),
        ...(ours?.runId === run?.runId
          ? []
          : [`I15: ${deploy} removes ${run?.runId}, and its ledger has ${ours?.runId}`]),
      ];
    }),
];
