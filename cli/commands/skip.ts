import type { Command } from 'commander';
import { isMeantBy } from '../../shared/deploy/ledger/decide.ts';
import { type Ledger, type LedgerId, readLedger } from '../../shared/deploy/ledger/ledger.ts';
import { LandfallError } from '../../shared/errors.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import { meansDeploy } from '../../shared/source/deploys/deploy-members.ts';
import { readStatus } from '../../shared/store/status-store.ts';
import type { Store } from '../../shared/store/store.ts';
import type { CommandContext } from '../command.ts';
import { addDecideOptions, type DecideOptions, decide } from '../deploys/decide.ts';
import { ledgerIds } from '../deploys/deploy-ledgers.ts';
import { openExistingStore } from '../options/store-options.ts';
import { writeJson, writeLine } from '../terminal/terminal.ts';

interface SkipOptions extends DecideOptions {
  readonly deploy?: string;
  readonly undo?: boolean;
}

/** Of these, the deploys that skip what is current of their source. @throws LandfallError DEPLOY_NOT_FOUND */
async function skippingOf(
  ids: readonly LedgerId[],
  revision: string,
  { objects }: Pick<Store, 'objects'>,
  signal: AbortSignal,
): Promise<readonly LedgerId[]> {
  const skipping: LedgerId[] = [];
  for (const id of ids) {
    const current = (await readStatus(objects, id, { signal }))?.status.current;
    const { ledger } = await readLedger(objects, id.deploy, id, { signal });
    if (ledger.skipped.some(({ digest }) => digest === current?.digest)) skipping.push(id);
  }
  if (skipping.length > 0) return skipping;
  throw new LandfallError(
    'DEPLOY_NOT_FOUND',
    `${ids.map(({ deploy }) => deploy).join(', ')}: ${revision} is not skipped`,
    {
      hint: 'See: landfall get deploys',
    },
  );
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

/** What is applied already is not taken back by a skip. */
const keepsSkipped = ({ applied, skipped }: Ledger): boolean =>
  skipped.some(({ digest }) => digest === applied?.digest);

function keptNote(ledger: Ledger): string {
  const source = formatSourceId(ledger);
  const back = `landfall rollback ${source} --to REVISION`;
  return `note: ${ledger.deploy} of ${source} has applied it already, and keeps it; to go back: ${back}`;
}

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description('Keeps deploys from a revision that is current, until their source has something newer.')
    .option('--deploy <name>', 'only this deploy; default: all of the sources that have it')
    .option('--undo', 'take a skip back: the revision is deployed after all')
    .addHelpText(
      'after',
      '\nExample:\n  landfall skip 1.4.0 --deploy live --reason "breaks the login" --store ./store',
    );
  addDecideOptions(command).action((revision: string, options: SkipOptions) =>
    run(options, async (signal) => {
      await using store = await openExistingStore(options);
      const ledgers: Ledger[] = [];
      const { undo = false } = options;
      const found = await deploysAt(revision, options.deploy, store, signal);
      const ids = undo ? await skippingOf(found, revision, store, signal) : found;
      const decision = undo ? 'unskipped' : 'skipped';
      for (const id of ids) ledgers.push(await decide({ ...id, decision, revision }, options, store, signal));
      const shown = ledgers.map(({ formatVersion, outbox, ...ledger }) => ledger);
      if (options.json === true) return writeJson(terminal.stdout, shown);
      const does = undo ? 'skips no more' : 'skips';
      for (const ledger of ledgers) {
        writeLine(terminal.stdout, `${ledger.deploy} of ${formatSourceId(ledger)}: ${does} ${revision}`);
        if (!undo && keepsSkipped(ledger)) writeLine(terminal.stderr, keptNote(ledger));
      }
    }),
  );
}
