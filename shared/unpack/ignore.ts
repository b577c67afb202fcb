import { setImmediate } from 'node:timers/promises';
import ignore from 'ignore';
import { monotonic } from '../clock.ts';
import { LandfallError } from '../errors.ts';
import { cancelled } from '../kernel/cancelled.ts';
import { IGNORE_BYTES, IGNORE_GLOBSTARS, IGNORE_PATTERN_CHARACTERS, IGNORE_RULES } from '../limits.ts';
import { quoteName } from './entry-path.ts';

/** Says of a path that it is ruled out; a folder's path ends in `/`. */
export type PathFilter = (path: string) => boolean;

export const IGNORE_FILE = '.sourceignore';

export const isIgnoreFile = (path: string): boolean =>
  path === IGNORE_FILE || path.endsWith(`/${IGNORE_FILE}`);

/** Collects the `.sourceignore` files of an artifact as they stream by, by path. */
export class IgnoreTexts {
  readonly #chunks = new Map<string, Uint8Array[]>();
  #bytes = 0;

  /** Copies the chunk. @throws LandfallError IGNORE_INVALID */
  add(path: string, chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    if (this.#bytes > IGNORE_BYTES)
      throw invalid(path, `makes the ignore files larger than ${IGNORE_BYTES} bytes together`);
    const chunks = this.#chunks.get(path) ?? [];
    chunks.push(Uint8Array.from(chunk));
    this.#chunks.set(path, chunks);
  }

  /** Forgets a file that turned out not to be one. */
  drop(path: string): void {
    for (const chunk of this.#chunks.get(path) ?? []) this.#bytes -= chunk.length;
    this.#chunks.delete(path);
  }

  /** Texts by path. @throws LandfallError IGNORE_INVALID where one is not UTF-8 */
  texts(): ReadonlyMap<string, string> {
    return new Map([...this.#chunks].map(([path, chunks]) => [path, decode(path, Buffer.concat(chunks))]));
  }
}

/**
 * Compiles ignore files (path → text), each for its own folder and a deeper one over a shallower, and over them all the
 * source's own patterns. The rules are git's: the last match wins, and what is below a ruled-out folder stays out.
 * Flux's default excludes (pictures, archives, CI files) are not copied: what was pushed is what lands, unless said.
 * @see https://git-scm.com/docs/gitignore
 * @throws LandfallError IGNORE_INVALID
 */
export function ignoreFilter(texts: ReadonlyMap<string, string>, patterns: string | undefined): PathFilter {
  const depth = (path: string): number => path.split('/').length;
  const files = [...texts].sort(([a], [b]) => depth(a) - depth(b));
  const rules = files.flatMap(([path, text]) =>
    rulesOf(path, text).map((rule) => scoped(path.slice(0, -IGNORE_FILE.length), rule)),
  );
  const own = patterns === undefined ? [] : rulesOf('the ignore option', patterns);
  const all = [...rules, ...own];
  if (all.length === 0) return () => false;
  if (all.length > IGNORE_RULES)
    throw invalid(
      files.at(-1)?.[0] ?? 'the ignore option',
      `makes ${all.length} patterns, more than ${IGNORE_RULES}`,
    );
  const compiled = ignore({ ignorecase: false }).add(all.map((pattern) => ({ pattern })));
  return (path) => compiled.ignores(path);
}

/** Which of the paths are ruled out. Pauses where it takes long: patterns may be hostile, and a deadline and others must
 * have their turn. */
export async function ruledOut(
  paths: Iterable<string>,
  filter: PathFilter,
  signal?: AbortSignal,
): Promise<string[]> {
  const out: string[] = [];
  let since = monotonic();
  for (const path of paths) {
    if (filter(path)) out.push(path);
    if (monotonic() - since < PAUSE_AFTER_MS) continue;
    await setImmediate();
    since = monotonic();
    if (signal?.aborted) throw cancelled('unpacking', signal);
  }
  return out;
}

const PAUSE_AFTER_MS = 10;

function rulesOf(owner: string, text: string): string[] {
  if (Buffer.byteLength(text) > IGNORE_BYTES) throw invalid(owner, `is larger than ${IGNORE_BYTES} bytes`);
  const rules = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));
  for (const rule of rules) {
    if (rule.length > IGNORE_PATTERN_CHARACTERS)
      throw invalid(owner, `has a pattern of more than ${IGNORE_PATTERN_CHARACTERS} characters`);
    if ((rule.match(/\*\*(?=.*[^/*\s])/g)?.length ?? 0) > IGNORE_GLOBSTARS)
      throw invalid(owner, `has pattern ${quoteName(rule)} with more than ${IGNORE_GLOBSTARS} times "**"`);
  }
  return rules;
}

/** A pattern of a folder's ignore file as one of the root's: anchored where it has a slash before its end. */
function scoped(folder: string, rule: string): string {
  if (folder === '') return rule;
  const negation = rule.startsWith('!') ? '!' : '';
  const body = rule.slice(negation.length);
  const anchored = /\/.*[^\s/]/.test(body);
  const root = `/${folder.replace(/[\\*?[\]!# ]/g, '\\$&')}`;
  return anchored ? `${negation}${root}${body.replace(/^\//, '')}` : `${negation}${root}**/${body}`;
}

function decode(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw invalid(path, 'is not UTF-8', cause);
  }
}

const invalid = (owner: string, why: string, cause?: unknown): LandfallError =>
  new LandfallError('IGNORE_INVALID', `${isIgnoreFile(owner) ? quoteName(owner) : owner} ${why}`, {
    cause,
    hint: 'Write fewer and simpler .gitignore patterns.',
  });
