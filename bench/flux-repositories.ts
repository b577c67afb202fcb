/**
 * What becomes of other people's repositories: each folder named is read as `landfall validate` reads it, then each
 * fence of Flux's in its Markdown by itself, as somebody pastes it. Prints a line a folder, and every problem.
 *
 *   node bench/flux-repositories.ts FOLDER...
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { asLandfallError } from '../shared/errors.ts';
import { parseDocuments, readDocumentFiles } from '../shared/source/document.ts';
import type { YamlFile } from '../shared/source/file/yaml-document.ts';
import { formatImported, importDocuments } from '../shared/source/flux/import-documents.ts';

const FENCE = /^( *)```(?:yaml|yml)[^\n]*\n([\s\S]*?)^\1```/gm;

function* markdownIn(folder: string): Generator<string> {
  for (const name of readdirSync(folder).toSorted()) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* markdownIn(path);
    else if (name.endsWith('.md')) yield path;
  }
}

function fencesOf(path: string): readonly YamlFile[] {
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(FENCE)]
    .filter(([fence]) => fence.includes('toolkit.fluxcd.io/'))
    .map(({ 1: indent = '', 2: body = '', index }) => ({
      file: `${path}:${text.slice(0, index).split('\n').length}`,
      text: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }));
}

/** What a reading came to; a code of INTERNAL is a crash. */
function outcomeOf(files: readonly YamlFile[]): { readonly words: string; readonly isCrash: boolean } {
  try {
    const { sources, deploys, receivers, notify, notices } = parseDocuments(files);
    const imported = formatImported(importDocuments(files));
    const words = `${sources.length} sources, ${deploys.length} deploys, ${receivers.length} receivers, ${notify.length} notify, ${notices.length} notices, ${imported.length} characters native`;
    return { words, isCrash: false };
  } catch (error) {
    const { code, message } = asLandfallError(error);
    return { words: `${code}: ${message}`, isCrash: code === 'INTERNAL' };
  }
}

let crashes = 0;
for (const folder of process.argv.slice(2)) {
  const whole = outcomeOf(await readDocumentFiles([folder]).catch(() => []));
  const fences = [...markdownIn(folder)].flatMap(fencesOf);
  const refused = fences
    .map((file) => ({ file: file.file, ...outcomeOf([file]) }))
    .filter(({ words }) => /^[A-Z_]+: /.test(words));
  crashes += [whole, ...refused].filter(({ isCrash }) => isCrash).length;
  console.log(`${folder}: ${whole.words}\n  ${fences.length} fences, ${refused.length} refused`);
  for (const { words } of refused) console.log(`    ${words.split('\n').join('\n      ')}`);
}
console.log(`${crashes} crashes`);
process.exitCode = crashes === 0 ? 0 : 1;
