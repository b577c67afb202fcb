import type { Command, Option } from 'commander';
import { openStore } from '../local/store/open-store.ts';
import { isS3Location } from '../shared/aws/s3/location.ts';
import { formatSourceId } from '../shared/model/ids.ts';
import { DETAIL_TYPES } from '../shared/model/parse-event.ts';
import { listSources, readStatus } from '../shared/store/status-store.ts';
import type { Store } from '../shared/store/store.ts';
import { ledgerIds } from './deploys/deploy-ledgers.ts';
import { parseSourceId } from './options/source-id.ts';

/** What may stand where the cursor is; undefined: a path, which the shell knows best. */
type Candidates = readonly string[] | undefined;

interface Line {
  readonly command: Command;
  /** Words behind the command's name, without the one that is being typed. */
  readonly before: readonly string[];
  /** What is being typed. */
  readonly word: string;
}

const SOURCE_ARGUMENTS: readonly string[] = ['source'];
const DEPLOY_ARGUMENTS: readonly string[] = ['deploy', 'name'];

const flagsOf = ({ short, long }: Option): readonly string[] => [short, long].flatMap((flag) => flag ?? []);
const optionOf = ({ command }: Line, word: string): Option | undefined =>
  command.options.find((option) => flagsOf(option).includes(word));
const takesValue = (option: Option | undefined): boolean =>
  option !== undefined && (option.required || option.optional);

/** The words that are neither options nor their values. */
const argumentsIn = (line: Line): readonly string[] =>
  line.before.filter(
    (word, at) => !word.startsWith('-') && !takesValue(optionOf(line, line.before[at - 1] ?? '')),
  );

function valueIn({ before }: Line, flag: string): string | undefined {
  const at = before.lastIndexOf(flag);
  const joined = before.findLast((word) => word.startsWith(`${flag}=`));
  return joined?.slice(flag.length + 1) ?? (at < 0 ? undefined : before[at + 1]);
}

/** Asks the store of the line; nothing where there is none to be read at once. */
async function ofStore(
  line: Line,
  read: (store: Store) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const where = valueIn(line, '--store') ?? (process.env['LANDFALL_STORE'] || '.landfall');
  if (isS3Location(where)) return [];
  try {
    await using store = await openStore(where);
    return await read(store);
  } catch {
    return []; // Whoever presses a key is told nothing of errors.
  }
}

const sources = (line: Line): Promise<readonly string[]> =>
  ofStore(line, async ({ objects }) => (await Array.fromAsync(listSources(objects))).map(formatSourceId));

const deploys = (line: Line): Promise<readonly string[]> =>
  ofStore(line, async ({ objects }) => [
    ...new Set((await ledgerIds(objects, {})).map(({ deploy }) => deploy)),
  ]);

const revisions = (line: Line): Promise<readonly string[]> =>
  ofStore(line, async ({ objects }) => {
    const [named] = argumentsIn(line);
    const ids = named === undefined ? await Array.fromAsync(listSources(objects)) : [parseSourceId(named)];
    // One that cannot be read has nothing to offer, and hides no other.
    const read = await Promise.all(ids.map((id) => readStatus(objects, id).catch(() => undefined)));
    return read.flatMap((stored) => {
      if (stored === undefined) return [];
      const { current, history } = stored.status;
      return [...(current === null ? [] : [current]), ...history].map(({ revision }) => revision);
    });
  });

async function valuesOf(option: Option, line: Line): Promise<Candidates> {
  if (option.argChoices !== undefined) return option.argChoices;
  switch (option.long) {
    case '--source':
      return sources(line);
    case '--deploy':
      return deploys(line);
    case '--to':
    case '--revision':
      return revisions(line);
    case '--namespace':
      return [...new Set((await sources(line)).map((id) => id.split('/')[0] ?? ''))];
    case '--type':
      return DETAIL_TYPES.map((type) => type.toLowerCase().replaceAll(' ', '-'));
    default:
      return undefined;
  }
}

async function argumentOf(line: Line): Promise<Candidates> {
  const { command } = line;
  if (command.commands.length > 0) return command.commands.map((each) => each.name());
  const { registeredArguments: known } = command;
  const argument = known[argumentsIn(line).length] ?? known.findLast(({ variadic }) => variadic);
  if (argument === undefined) return [];
  const name = argument.name();
  // `landfall push DIR SOURCE` has none of ours; `verify`, `diff` and the like take URLs and folders.
  if (SOURCE_ARGUMENTS.includes(name)) return sources(line);
  if (DEPLOY_ARGUMENTS.includes(name)) return deploys(line);
  if (name === 'revision') return revisions(line);
  return argument.argChoices ?? undefined;
}

/** What may stand for the word that is being typed. */
export async function complete(line: Line): Promise<Candidates> {
  const { command, before, word } = line;
  const [, flag, value] = /^(--[a-z-]+)=(.*)$/.exec(word) ?? [];
  if (flag !== undefined && value !== undefined) {
    const option = optionOf(line, flag);
    const values = option === undefined ? [] : await valuesOf(option, { ...line, word: value });
    return values?.filter((each) => each.startsWith(value)).map((each) => `${flag}=${each}`);
  }
  const option = optionOf(line, before.at(-1) ?? '');
  const all =
    option !== undefined && takesValue(option)
      ? await valuesOf(option, line)
      : word.startsWith('-')
        ? [
            ...command.options.filter(({ hidden }) => !hidden),
            ...command.options.filter(({ hidden }) => hidden && word.length > 3),
          ].flatMap(({ long }) => long ?? [])
        : await argumentOf(line);
  return all?.filter((each) => each.startsWith(word)).sort();
}
