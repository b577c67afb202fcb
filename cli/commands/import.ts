import type { Command } from 'commander';
import { LandfallError } from '../../shared/errors.ts';
import { SOURCE_DOCUMENT_BYTES } from '../../shared/limits.ts';
import { readDocumentFiles } from '../../shared/source/document.ts';
import {
  formatImported,
  type ImportedDocuments,
  importDocuments,
} from '../../shared/source/flux/import-documents.ts';
import type { CommandContext } from '../command.ts';
import { errorDocument, reportError } from '../terminal/report-error.ts';
import { type Terminal, writeJson, writeLine } from '../terminal/terminal.ts';

const HELP = `
Prints the native document that Flux's come to: sources, credentials, receivers, deploys, notify. What has no place in it, and where each
secret has to be kept, is said on stderr; no secret is printed. What is refused is told there, too, with exit code 2, and the rest is
printed. Documents of Landfall beside them are what they may name, and are not repeated.

Examples:
  landfall import flux/ > landfall.yaml && landfall validate landfall.yaml
  kubectl get ocirepositories,kustomizations -A -o yaml > flux.yaml && landfall import flux.yaml`;

interface ImportOptions {
  readonly file: readonly string[];
  readonly json?: boolean;
}

const addPath = (path: string, before: readonly string[]): readonly string[] => [...before, path];

const isEmpty = ({ document }: Pick<ImportedDocuments, 'document'>): boolean =>
  Object.keys(document).length === 0;

const HINT =
  'Correct these documents, or add by hand what they are to come to: what all others come to is printed.';

const shown = ({ document, secrets, notices }: ImportedDocuments, refused: LandfallError | undefined) => ({
  document,
  secrets,
  notices,
  ...(refused !== undefined && { error: errorDocument(refused) }),
});

function writeImported(imported: ImportedDocuments, terminal: Terminal): void {
  const text = formatImported(imported);
  writeNotes(imported, Buffer.byteLength(text), terminal);
  if (!isEmpty(imported)) terminal.stdout.write(text);
}

function writeNotes(
  { notices, secrets, document }: ImportedDocuments,
  bytes: number,
  { stderr }: Terminal,
): void {
  for (const { place, message } of notices) writeLine(stderr, `${place}: note: ${message}`);
  for (const { file, what, command } of secrets) {
    writeLine(stderr, `secret: keep ${what} in ${file}, from the folder of the document`);
    if (command !== undefined)
      writeLine(stderr, `  next: mkdir -p ${file.replace(/\/[^/]*$/, '')} && ${command}`);
  }
  if (isEmpty({ document }))
    writeLine(stderr, 'note: nothing is printed: no document of Flux’s comes to anything here');
  if (bytes > SOURCE_DOCUMENT_BYTES)
    writeLine(
      stderr,
      `note: the document has ${bytes} bytes, and no more than ${SOURCE_DOCUMENT_BYTES} of one are read: import a part of the paths at a time`,
    );
}

export function define(command: Command, { terminal, run }: CommandContext): void {
  command
    .description('Prints the native document for documents of Flux: files, or folders of them.')
    .option('-f, --file <path>', 'the same as a path, as serve takes it; repeatable', addPath, [])
    .option('--json', 'print document, secrets and notices as JSON')
    .addHelpText('after', HELP)
    .action((named: string[], options: ImportOptions) =>
      run(options, async () => {
        const paths = [...named, ...options.file];
        if (paths.length === 0) throw new LandfallError('USAGE', "missing required argument 'paths'");
        const imported = importDocuments(await readDocumentFiles(paths));
        if (imported.refused !== undefined && isEmpty(imported)) throw imported.refused;
        const refused = imported.refused?.with({ hint: HINT });
        if (options.json === true) writeJson(terminal.stdout, shown(imported, refused));
        else writeImported(imported, terminal);
        if (refused === undefined) return 0;
        return reportError(refused, terminal, { json: false, command: 'landfall import' });
      }),
    );
}
