import { type Command, Option } from 'commander';
import { painter } from '../terminal/colour.ts';
import { formatTable, type Table } from '../terminal/table.ts';
import { columnsOf, type OutputStream, type Terminal, writeJson, writeText } from '../terminal/terminal.ts';

/** `wide` and `name` are of lists alone. */
type Format = 'wide' | 'json' | 'yaml' | 'name';

export interface FormatOptions {
  readonly json?: boolean;
  readonly output?: Format;
}

const OF_LISTS: readonly Format[] = ['wide', 'json', 'yaml', 'name'];
export const OF_TABLES: readonly Format[] = ['wide', 'json', 'yaml'];
export const OF_DOCUMENTS: readonly Format[] = ['json', 'yaml'];

/** `--json` says what it prints; `-o json` is the same. */
export function addOutputOptions(
  command: Command,
  json: string,
  formats: readonly Format[] = OF_LISTS,
): Command {
  return command
    .addOption(new Option('-o, --output <format>', 'what is printed').choices(formats))
    .option('--json', json)
    .on('option:output', (format: Format) => {
      if (format === 'json') command.setOptionValue('json', true);
    });
}

/** Writes a document as JSON or YAML, where that is asked for. Returns whether it was. */
export async function wroteDocument(
  document: unknown,
  { json, output }: FormatOptions,
  { stdout }: Pick<Terminal, 'stdout'>,
): Promise<boolean> {
  if (json === true) {
    writeJson(stdout, document);
    return true;
  }
  if (output !== 'yaml') return false;
  const { yamlText } = await import('../../shared/source/file/yaml-text.ts');
  writeText(stdout, yamlText(document));
  return true;
}

/** Lines up a table for who reads it: in the terminal's width and colours, or in full for a file. */
export function writeTable(
  table: Table,
  stdout: OutputStream,
  { wide = false }: { readonly wide?: boolean } = {},
): void {
  stdout.write(
    `${formatTable(table, { wide, room: wide ? undefined : columnsOf(stdout), paint: painter(stdout) })}\n`,
  );
}
