import type { Command } from 'commander';
import { localPlace } from '../../local/place.ts';
import { postRequest } from '../../local/request-inbox.ts';
import { systemClock } from '../../shared/clock.ts';
import { EventLog } from '../../shared/event/event-log.ts';
import { rollback } from '../../shared/reconcile/rollback.ts';
import { formatSourceId } from '../../shared/store/layout.ts';
import { isServing } from '../../shared/store/serve-lock.ts';
import type { CommandContext } from '../command.ts';
import { addStoreOption, openExistingStore, parseSourceId, type StoreOptions } from '../store-options.ts';
import { writeJson, writeLine } from '../terminal.ts';

interface RollbackOptions extends StoreOptions {
  readonly to: string;
  readonly json?: boolean;
}

const HELP = `
The earlier revision becomes current as a new generation, with an event like any other, and the source is suspended
so that the next poll does not undo it. Nothing is fetched. landfall resume follows the registry again.

Example:
  landfall history web/site
  landfall rollback web/site --to 1.4.2`;

export function add(program: Command, { terminal, run }: CommandContext): void {
  const command = program
    .command('rollback <source>')
    .summary('make an earlier revision current again, and suspend')
    .description('Makes a revision of the history current again and suspends the source.')
    .requiredOption(
      '--to <revision>',
      'a tag, a digest, the start of its hex, or <tag>@<digest> of the history',
    )
    .option('--json', 'print the revision that is current now')
    .addHelpText('after', HELP);
  addStoreOption(command).action((source: string, options: RollbackOptions) =>
    run(options, async () => {
      const store = await openExistingStore(options);
      const isServed = await isServing(store.root);
      const log = new EventLog(store.root);
      try {
        const id = parseSourceId(source);
        const deps = {
          store,
          bus: isServed ? undefined : log,
          clock: systemClock,
          place: localPlace(store.root),
        };
        const revision = await rollback({ ...id, to: options.to }, deps);
        if (isServed) await postRequest(store.root, id);
        if (options.json === true) return writeJson(terminal.stdout, revision);
        writeLine(
          terminal.stdout,
          `${formatSourceId(id)} is at ${revision.revision}, generation ${revision.generation}, and suspended`,
        );
        writeLine(terminal.stderr, `follow the registry again with: landfall resume ${formatSourceId(id)}`);
      } finally {
        await log.close();
      }
    }),
  );
}
