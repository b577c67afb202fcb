import { isObject } from '../../../kernel/json.ts';
import type { YamlDocument } from '../../file/yaml-document.ts';
import { EMPTY_FRAGMENT, type Fragment } from '../../fragment.ts';
import { formatPlace, type Problem } from '../../problem.ts';
import type { MappedDeploy } from '../deploy/mapped-deploy.ts';
import type { KubernetesObject } from '../kinds.ts';
import { idIn, type MappedSource, type ReadObject, type RefusedObject } from '../mapped-object.ts';
import type { FluxReceiver } from '../receiver/flux-receiver.ts';
import { type UnreadFields, unreadNotices } from '../unread.ts';

/** What an object comes to. Problems without a source are its file's. */
export type Outcome =
  | { readonly as: 'source'; readonly mapped: MappedSource }
  | { readonly as: 'deploy'; readonly mapped: MappedDeploy }
  | { readonly as: 'receiver'; readonly read: ReadObject<FluxReceiver> }
  | { readonly as: 'fragment'; readonly fragment: Fragment }
  | {
      readonly as: 'refusedDeploy';
      readonly id: string;
      readonly from: string;
      readonly problems: readonly Problem[];
    }
  | { readonly as: 'refused'; readonly refused: RefusedObject }
  | { readonly as: 'notice'; readonly message: string }
  | { readonly as: 'problems'; readonly problems: readonly Problem[] }
  | { readonly as: 'nothing' };

export const NOTHING: Outcome = { as: 'nothing' };
export const notice = (message: string): Outcome => ({ as: 'notice', message });
/** What is read for others: it comes to nothing itself. */
export function forOthers(document: YamlDocument, unread: UnreadFields): Outcome {
  const notices = unreadNotices(document, unread).map(({ place, message }) => ({
    place: formatPlace(place),
    message,
  }));
  return { as: 'fragment', fragment: { ...EMPTY_FRAGMENT, notices } };
}
export const sourceOutcome = (mapped: MappedSource): Outcome => ({ as: 'source', mapped });

export const refusedOutcome = (
  { document, kind }: KubernetesObject,
  problems: readonly Problem[],
): Outcome => ({
  as: 'refused',
  refused: { document, kind, ...idIn(document), problems },
});

export const objectSpec = ({ value }: YamlDocument): Readonly<Record<string, unknown>> => {
  const spec = isObject(value) ? value['spec'] : undefined;
  return isObject(spec) ? spec : {};
};

/** A Kustomize patch has what it changes, and nothing else that is required. */
export const isPatch = (document: YamlDocument, ...required: readonly string[]): boolean =>
  document.found && required.every((key) => objectSpec(document)[key] === undefined);

export const patchNotice = ({ kind, id }: KubernetesObject): Outcome =>
  notice(`${kind} ${id} is not mapped: it names no registry, as a patch of another document`);

export const textIn = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Whether a release or chart is of an API version that is read; one of long ago is left to who still has it. */
export const isOld = (problems: readonly Problem[]): boolean =>
  problems.some(({ path }) => path === 'apiVersion');
