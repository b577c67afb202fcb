import type { DefinedDeploy } from '../kit/define-deploy.ts';

const own = new Map<string, DefinedDeploy>();

/** Kinds of a team's own, by their names: those that were added before documents are read. */
export const ownKinds = (): ReadonlyMap<string, DefinedDeploy> => own;

/** Keeps it for documents, under its name. Twice the same is once. @throws TypeError where another kind has the name */
export function keepKind(kind: DefinedDeploy, taken: readonly string[]): void {
  const before = own.get(kind.kind);
  if (before?.definition === kind.definition) return;
  if (before !== undefined || taken.includes(kind.kind))
    throw new TypeError(`there is a kind ${JSON.stringify(kind.kind)} already: give yours another name`);
  own.set(kind.kind, kind);
}
