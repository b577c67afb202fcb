import type { Command } from 'commander';
import type { Ledger } from '../../shared/deploy/ledger/ledger.ts';
import { LandfallError } from '../../shared/errors.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import type { CommandContext } from '../command.ts';
import { parseSourceId } from '../options/source-id.ts';
import { openExistingStore } from '../options/store-options.ts';
import { writeJson, writeLine } from '../terminal/terminal.ts';
import { addDecideOptions, type DecideOptions, decide } from './decide.ts';
import { ledgersOf } from './deploy-ledgers.ts';

interface VerdictOptions extends DecideOptions {
  readonly source?: string;
  readonly revision?: string;
}

interface Verdict {
  readonly decision: 'approved' | 'rejected';
  readonly description: string;
  readonly example: string;
}

const isAsked = ({ waiting, run }: Ledger): boolean =>
  run?.asks === true || (waiting !== null && ['approval', 'rejected'].includes(waiting.for));

/** Those that wait for somebody; with a revision, all of the deploy's. @throws LandfallError DEPLOY_NOT_FOUND */
function requireAsked(
  deploy: string,
  ledgers: readonly Ledger[],
  revision: string | undefined,
): readonly Ledger[] {
  const asked = revision === undefined ? ledgers.filter(isAsked) : ledgers;
  if (asked.length > 0) return asked;
  throw new LandfallError('DEPLOY_NOT_FOUND', `deploy ${deploy} waits for no approval`, {
    hint: 'See: landfall get deploys; --revision decides of what is current before it is asked for.',
  });
}

/** `approve` and `reject`. */
export function addVerdict(command: Command, { terminal, run }: CommandContext, verdict: Verdict): void {
  const { decision, description, example } = verdict;
  command
    .description(description)
    .option('--source <source>', 'of this source, where the deploy has several')
    .option('--revision <revision>', 'only this one: a revision, its tag or digest')
    .addHelpText('after', `\nExample:\n  ${example}`);
  addDecideOptions(command).action((deploy: string, options: VerdictOptions) =>
    run(options, async (signal) => {
      await using store = await openExistingStore(options);
      const source = options.source === undefined ? undefined : parseSourceId(options.source);
      const ledgers = await ledgersOf({ deploy, source }, store.objects, { signal });
      const decided: Ledger[] = [];
      for (const { namespace, name, deploy: of } of requireAsked(deploy, ledgers, options.revision)) {
        const request = { namespace, name, deploy: of, decision, revision: options.revision };
        decided.push(await decide(request, options, store, signal));
      }
      const shown = decided.map(({ formatVersion, outbox, ...ledger }) => ledger);
      if (options.json === true) return writeJson(terminal.stdout, shown.length === 1 ? shown[0] : shown);
      for (const ledger of decided) {
        const run = ledger.run?.asks === true ? ledger.run : null;
        const what = (run ?? ledger.waiting)?.revision ?? ledger.decision?.digest ?? '';
        writeLine(terminal.stdout, `${ledger.deploy} of ${formatSourceId(ledger)}: ${decision} ${what}`);
      }
    }),
  );
}
