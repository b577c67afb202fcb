import { CONSOLE_NAMES } from '../../shared/limits.ts';
import { formatSourceId, type SourceId } from '../../shared/model/ids.ts';
import type { ConsoleSource } from './facts.ts';
import type { PlacedDeploy, Snapshot } from './snapshot.ts';

/** What a person may have meant by a text. */
export interface Targets {
  readonly sources: readonly ConsoleSource[];
  readonly deploys: readonly PlacedDeploy[];
}

/** So much of a tag or digest is worth looking for. */
const SHORTEST_REVISION = 3;

const isNamed = ({ namespace, name }: SourceId, text: string): boolean =>
  name === text || `${namespace}/${name}` === text;

const isOfRevision = (source: ConsoleSource, text: string): boolean =>
  text.length >= SHORTEST_REVISION && (source.revisions[0]?.revision.includes(text) ?? false);

/** What has exactly that name; else what has it in its name, its URL or the revision that is current. */
export function targetsOf({ sources, deploys }: Snapshot, given: string): Targets {
  const text = given.trim().toLowerCase();
  if (text === '') return { sources: [], deploys: [] };
  const all = [...sources.values()];
  const exact = {
    sources: all.filter(({ id }) => isNamed(id, text)),
    deploys: deploys.filter(({ id }) => id.deploy === text),
  };
  if (exact.sources.length + exact.deploys.length > 0) return exact;
  return {
    sources: all.filter(
      (source) =>
        formatSourceId(source.id).includes(text) ||
        source.url.toLowerCase().includes(text) ||
        isOfRevision(source, text),
    ),
    deploys: deploys.filter(({ id }) => id.deploy.includes(text)),
  };
}

/** The first names that a text is part of, for who is still typing. */
export function namesLike(snapshot: Snapshot, given: string): readonly string[] {
  const text = given.trim().toLowerCase();
  if (text === '') return [];
  const names = new Set<string>();
  const add = (name: string): boolean => {
    if (name.includes(text)) names.add(name);
    return names.size < CONSOLE_NAMES;
  };
  for (const name of snapshot.sources.keys()) if (!add(name)) return [...names];
  for (const { id } of snapshot.deploys) if (!add(id.deploy)) return [...names];
  return [...names];
}
