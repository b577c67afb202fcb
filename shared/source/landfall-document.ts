import { looksLikeHost } from '../oci/host.ts';
import { formatRepository, type Repository } from '../oci/reference.ts';
import { toSources } from './composed/to-sources.ts';
import { deployMembers } from './deploys/deploy-members.ts';
import { pathFrom, toCredential, toDeploy, toReceiver } from './entries.ts';
import type { YamlDocument } from './file/yaml-document.ts';
import { EMPTY_FRAGMENT, type Fragment, type Placed, refusedFragment } from './fragment.ts';
import { problemsOf } from './issue.ts';
import { formatPath, formatPlace } from './problem.ts';
import { schemaKeys } from './schema/json-schema.ts';
import { documentSchema } from './schema/schema.ts';
import type { DeployDocument } from './schema/schema-deploy.ts';
import { soundPart } from './sound-part.ts';
import type { Notice, Source } from './source.ts';
import { toNotify } from './to-notify.ts';

/** `target` and `file:` are looked for beside the document, so a program is easily thought to be, too. */
function programNotice(entry: DeployDocument): string | undefined {
  if (entry.kind !== 'command') return undefined;
  const given = entry['command'];
  const program = String(Array.isArray(given) ? given[0] : '');
  if (!program.includes('/') || program.startsWith('/')) return undefined;
  return `command ${JSON.stringify(program)} is looked for in the artifact; one of this machine is an absolute path, or a name on PATH`;
}

/** Docker writes its hub's repositories without their host; here the first component is the host. */
export const hostNote = (repository: Repository): string =>
  `${JSON.stringify(repository.registry)} is the host of ${formatRepository(repository)}, and has neither dot nor port; ` +
  `Docker Hub's is written oci://docker.io/${repository.registry}/${repository.repository}`;

/** Each entry's sources. */
const hostNotices = (sources: readonly (readonly Source[])[], document: YamlDocument): readonly Notice[] =>
  sources.flatMap((made, at) =>
    made
      .filter(({ repository }) => !looksLikeHost(repository.registry))
      .map(({ repository }) => ({
        place: formatPlace(document.placeOf(['sources', at, 'url'])),
        message: hostNote(repository),
      })),
  );

/** Reads a document of our own form. Never throws: what is wrong is in the fragment. */
export function readLandfallDocument(document: YamlDocument): Fragment {
  const { file } = document;
  const result = documentSchema.safeParse(document.value);
  if (!result.success) {
    const keys = schemaKeys(documentSchema);
    const located = result.error.issues.map((issue) => ({
      path: issue.path,
      problems: problemsOf(issue, document, keys),
    }));
    const problems = located.flatMap((each) => each.problems);
    const sound = soundPart(document, located);
    if (sound === undefined) return refusedFragment(problems);
    const { refused, refusedEntries } = sound;
    return { ...readLandfallDocument(sound.document), problems, refused, refusedEntries };
  }
  const { sources, credentials, receivers, deploys, notify, onRefused } = result.data;
  const placed = <In, Out>(list: string, entries: readonly In[], convert: (entry: In) => Out) =>
    entries.map((entry, at): Placed<Out> => {
      const path = [list, at];
      return { entry: convert(entry), place: document.placeOf(path), path: formatPath(path) };
    });
  const made = placed('sources', sources, (entry) => toSources(entry, file, onRefused));
  return {
    ...EMPTY_FRAGMENT,
    sources: made.flatMap(({ entry, ...place }) => entry.map((each) => ({ ...place, entry: each }))),
    credentials: credentials.map((entry, at) =>
      toCredential(entry, file, formatPlace(document.placeOf(['credentials', at]))),
    ),
    receivers: placed('receivers', receivers, (entry) => toReceiver(entry, file)),
    deploys: placed('deploys', deploys, (entry) =>
      deployMembers(entry).map((member) => toDeploy(member, file)),
    ).flatMap(({ entry, ...place }) => entry.map((each) => ({ ...place, entry: each }))),
    notify: placed('notify', notify, (entry) => toNotify(entry, (path) => pathFrom(file, path))),
    notices: [
      ...hostNotices(
        made.map(({ entry }) => entry),
        document,
      ),
      ...deploys.flatMap((entry, at) => {
        const message = programNotice(entry);
        return message === undefined
          ? []
          : [{ place: formatPlace(document.placeOf(['deploys', at, 'command'])), message }];
      }),
    ],
  };
}
