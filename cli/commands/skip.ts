import type { Command } from 'commander';
import { isMeantBy } from '../../shared/deploy/ledger/decide.ts';
import type { Ledger, LedgerId } from '../../shared/deploy/ledger/ledger.ts';
import { LandfallError } from '../../shared/errors.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import { meansDeploy } from '../../shared/source/deploy-members.ts';
import { readStatus } from '../../shared/store/status-store.ts';
import type { Store } from '../../shared/store/store.ts';
import type { CommandContext } from '../command.ts';
import { addDecideOptions, type DecideOptions, decide } from '../deploys/decide.ts';
import { ledgerIds } from '../deploys/deploy-ledgers.ts';
import { openExistingStore } from '../options/store-options.ts';
import { writeJson, writeLine } from '../terminal/terminal.ts';

interface SkipOptions extends DecideOptions {
  readonly deploy?: string;
}

/** The deploys of the sources that have this revision now. @throws LandfallError DEPLOY_NOT_FOUND */
async function deploysAt(
  revision: string,
  deploy: string | undefined,
  { objects }: Pick<Store, 'objects'>,
  signal: AbortSignal,
): Promise<readonly LedgerId[]> {
  const found: LedgerId[] = [];
  for (const id of await ledgerIds(objects, { signal })) {
    if (deploy !== undefined && !meansDeploy(deploy, id.deploy)) continue;
    const current = (await readStatus(objects, id, { signal }))?.status.current;
    if (current && isMeantBy(revision, current)) found.push(id);
  }
  if (found.length > 0) return found;
  const whose = deploy === undefined ? 'no deploy has a source' : `deploy ${deploy} has no source`;
  throw new LandfallError('DEPLOY_NOT_FOUND', `${whose} whose current revision is ${revision}`, {
    hint: 'See: landfall get sources, landfall get deploys',
  });
}

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description('Keeps deploys from a revision that is current, until their source has something newer.')
    .option('--deploy <name>', 'only this deploy; default: all of the sources that have it')
    .addHelpText(
      'after',
      '\nExample:\n  landfall skip 1.4.0 --deploy live --reason "breaks the login" --store ./store',
    );
  addDecideOptions(command).action((revision: string, options: SkipOptions) =>
    run(options, async (signal) => {
      await using store = await openExistingStore(options);
      const ledgers: Ledger[] = [];
      for (const id of await deploysAt(revision, options.deploy, store, signal))
        ledgers.push(await decide({ ...id, decision: 'skipped', revision }, options, store, signal));
      const shown = ledgers.map(({ formatVersion, outbox, ...ledger }) => ledger);
      if (options.json === true) return writeJson(terminal.stdout, shown);
      for (const ledger of ledgers)
        writeLine(terminal.stdout, `${ledger.deploy} of ${formatSourceId(ledger)}: skips ${revision}`);
    }),
  );
}
