import type { DeployDocument } from './schema/schema-deploy.ts';

/** `target` and `file:` are looked for beside the document, so a program is easily thought to be, too. */
export function programNotice(entry: DeployDocument): string | undefined {
  if (entry.kind !== 'command') return undefined;
  const given = entry['command'];
  const program = String(Array.isArray(given) ? given[0] : '');
  if (!program.includes('/') || program.startsWith('/')) return undefined;
  return `command ${JSON.stringify(program)} is looked for in the artifact; one of this machine is an absolute path, or a name on PATH`;
}
