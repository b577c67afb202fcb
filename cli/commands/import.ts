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
import { type Terminal, writeJson, writeLine } from '../terminal/terminal.ts';

const HELP = `
Prints the native document that Flux's come to: sources, credentials, receivers, deploys, notify. What has no place in it, and where each
secret has to be kept, is said on stderr; no secret is printed. Documents of Landfall beside them are what they may name, and are not repeated.

Examples:
  landfall import flux/ > landfall.yaml && landfall validate landfall.yaml
  kubectl get ocirepositories,kustomizations -A -o yaml > flux.yaml && landfall import flux.yaml`;

interface ImportOptions {
  readonly file: readonly string[];
  readonly json?: boolean;
}

const addPath = (path: string, before: readonly string[]): readonly string[] => [...before, path];

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
  if (Object.keys(document).length === 0)
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
        if (options.json === true) return writeJson(terminal.stdout, imported);
        const text = formatImported(imported);
        writeNotes(imported, Buffer.byteLength(text), terminal);
        if (Object.keys(imported.document).length > 0) terminal.stdout.write(text);
      }),
    );
}
