import type { DefinedDeploy } from '../kit/define-deploy.ts';

const own = new Map<string, DefinedDeploy>();

/** Kinds of a team's own, by their names: those that were added before documents are read. */
export const ownKinds = (): ReadonlyMap<string, DefinedDeploy> => own;

const named = new Set<string>();

/** Names of kinds that a document may have, though this process has none of them: whoever runs them has checked it. */
export const namedKinds = (): readonly string[] => [...named].filter((kind) => !own.has(kind));

/** Has documents take deploys of these kinds, whatever they say of themselves. To be called before the first is read. */
export function nameKinds(kinds: readonly string[]): void {
  for (const kind of kinds) named.add(kind);
}

/** Keeps it for documents, under its name. Twice the same is once. @throws TypeError where another kind has the name */
export function keepKind(kind: DefinedDeploy, taken: readonly string[]): void {
  const before = own.get(kind.kind);
  if (before?.definition === kind.definition) return;
  if (before !== undefined || taken.includes(kind.kind))
    throw new TypeError(`there is a kind ${JSON.stringify(kind.kind)} already: give yours another name`);
  own.set(kind.kind, kind);
}
