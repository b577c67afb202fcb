import type { YamlFile } from './yaml-document.ts';

/** The keys of our own document, as a text has them: at the start of a line, or behind a bracket or comma. */
const OWN_KEY = /(?:^|[{,]\s*)["']?(?:sources|credentials|receivers|deploys)["']?\s*:/m;
/** An object of a kind that names a registry: of its own, in a list as kubectl prints it, or as JSON. */
const OWN_KIND =
  /^kind:\s*["']?(?:OCIRepository|ImageRepository)\b|^- apiVersion:\s*["']?(?:source|image)\.toolkit\.fluxcd\.io|"kind"\s*:\s*"(?:OCIRepository|ImageRepository)"/m;
const CRD = /\bCustomResourceDefinition\b/;

/** What Helm and its like fill in before anybody reads the file as YAML. */
export const isTemplate = (text: string): boolean => text.includes('{{');

/**
 * Whether a file that cannot be read may have been meant for us. One that only lay in a folder and was not is a
 * notice: repositories hold templates, tags of other tools and tables of megabytes.
 */
export function isMeantForUs({ text, found, wasOurs, unreadable }: YamlFile): boolean {
  if (found !== true || wasOurs === true || unreadable !== undefined || OWN_KEY.test(text)) return true;
  return OWN_KIND.test(text) && !isTemplate(text) && !CRD.test(text);
}
