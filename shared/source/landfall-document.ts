import { toCredential, toDeploy, toReceiver, toSource } from './entries.ts';
import { EMPTY_FRAGMENT, type Fragment, type Placed, refusedFragment } from './fragment.ts';
import { problemsOf } from './issue.ts';
import { keysOf } from './json-schema.ts';
import { formatPath, formatPlace } from './problem.ts';
import { documentSchema } from './schema.ts';
import type { YamlDocument } from './yaml-document.ts';

/** Reads a document of our own form. Never throws: what is wrong is in the fragment. */
export function readLandfallDocument(document: YamlDocument): Fragment {
  const { file } = document;
  const result = documentSchema.safeParse(document.value);
  if (!result.success) {
    const { issues } = result.error;
    return refusedFragment(
      issues.flatMap((issue) => problemsOf(issue, document, (path) => keysOf(documentSchema, path))),
    );
  }
  const { sources, credentials, receivers, deploys } = result.data;
  const placed = <In, Out>(list: string, entries: readonly In[], convert: (entry: In) => Out) =>
    entries.map((entry, at): Placed<Out> => {
      const path = [list, at];
      return { entry: convert(entry), place: document.placeOf(path), path: formatPath(path) };
    });
  return {
    ...EMPTY_FRAGMENT,
    sources: placed('sources', sources, toSource),
    credentials: credentials.map((entry, at) =>
      toCredential(entry, file, formatPlace(document.placeOf(['credentials', at]))),
    ),
    receivers: placed('receivers', receivers, (entry) => toReceiver(entry, file)),
    deploys: placed('deploys', deploys, (entry) => toDeploy(entry, file)),
  };
}
