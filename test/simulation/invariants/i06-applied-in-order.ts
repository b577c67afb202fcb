import type { Invariant } from './seen.ts';

/** A deploy applies once a generation, and never an older one after a newer. */
export const appliedInOrder: Invariant = ({ acts, actsBefore, ledgers, ledgerChanges }) => [
  ...ledgerChanges.flatMap(({ key, before, after }) => {
    const [was, is] = [before?.applied?.generation ?? 0, after?.applied?.generation ?? 0];
    return after === undefined || is >= was ? [] : [`I6: ${key} applied generation ${is} after ${was}`];
  }),
  ...acts
    .filter(({ what }) => what === 'begin')
    .flatMap(({ deploy, run, current, hasDrifted }) => {
      const all = actsBefore.filter((act) => act.deploy === deploy);
      const since = all.slice(all.findLastIndex(({ what }) => what === 'remove') + 1);
      const newest = Math.max(
        0,
        ...since.map((act) => (act.what === 'begin' ? (act.run?.generation ?? 0) : 0)),
      );
      const generation = run?.generation ?? 0;
      const ledger = [...ledgers.values()].find((each) => each.deploy === deploy);
      // A try that failed, a replay, and what is put back are runs of their own.
      const isFirst = ledger?.run?.attempt === 1 && ledger.run.token === null;
      const isAgain = isFirst && current?.generation === generation && !hasDrifted;
      return [
        ...(generation < newest ? [`I6: ${deploy} begins generation ${generation} after ${newest}`] : []),
        ...(isAgain ? [`I6: ${deploy} begins generation ${generation} again, which it has`] : []),
      ];
    }),
];
