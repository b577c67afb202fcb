import { formatSourceId, type SourceId } from '../../model/ids.ts';
import type { YamlDocument } from '../file/yaml-document.ts';
import { EMPTY_FRAGMENT, type Fragment } from '../fragment.ts';
import { formatPlace } from '../problem.ts';
import { type DeployCandidate, type DeploySource, deploySources } from './deploy/deploy-sources.ts';
import { deployFragment, refusedDeploy } from './deploy/mapped-deploy.ts';
import { inClusterWords } from './in-cluster.ts';
import { type Classification, classify, type KubernetesObject } from './kinds.ts';
import { mappedFragment, refusedObject } from './mapped-object.ts';
import { type NamedObject, sourceNames } from './names.ts';
import { refusedRepositories } from './objects/named-repositories.ts';
import type { Outcome } from './objects/outcome.ts';
import { readKind } from './read-kind.ts';
import { mapReceiver } from './receiver/map-receiver.ts';
import { type WatchedObject, watchedObjects } from './receiver/watched-object.ts';
import { type Referred, referredIn, unusedNotices } from './referred.ts';
import { foreignNotices, isForeign } from './unmapped.ts';
import { withUnfilled } from './variables.ts';

function outcomesOf(
  object: KubernetesObject,
  classification: Classification,
  referred: Referred,
): readonly Outcome[] {
  const { document } = object;
  switch (classification.as) {
    case 'Secret':
      return [];
    case 'notice': {
      const what = `${object.kind} ${object.id}`;
      const by = referred.inCluster.get(what);
      const message = by === undefined ? classification.message : inClusterWords(what, by);
      return [{ as: 'notice', message }];
    }
    case 'problem': {
      const { message } = classification;
      const problem = {
        ...document.placeOf(['kind']),
        path: 'kind',
        message,
        code: 'CONFIG_INVALID',
      } as const;
      return [{ as: 'problems', problems: [problem] }];
    }
    default:
      return readKind(classification.as, object, referred);
  }
}

const namedIn = (outcome: Outcome): readonly NamedObject[] => {
  if (outcome.as === 'source') return [outcome.mapped];
  return outcome.as === 'refused' ? [outcome.refused] : [];
};

function candidatesIn(outcome: Outcome): readonly DeployCandidate[] {
  if (outcome.as === 'deploy') return [{ ...outcome.mapped, isRefused: false }];
  if (outcome.as !== 'refusedDeploy') return [];
  const { id, from } = outcome;
  return [{ id, from, dependsOn: [], isRefused: true }];
}

/** Sources by the objects they were made of; one of ours goes for an OCIRepository of its name. */
const sourcesByObject = (
  ours: readonly SourceId[],
  names: ReadonlyMap<NamedObject, string>,
): ReadonlyMap<string, string> =>
  new Map([
    ...ours.map((id) => [`OCIRepository ${formatSourceId(id)}`, formatSourceId(id)] as const),
    ...[...names].map(([object, name]) => {
      const { kind, namespace } = object;
      return [`${kind} ${formatSourceId(object)}`, formatSourceId({ namespace, name })] as const;
    }),
  ]);

const noticeOf = (document: YamlDocument, message: string): Fragment => ({
  ...EMPTY_FRAGMENT,
  notices: [{ place: formatPlace(document.placeOf([])), message }],
});

function fragmentOf(
  document: YamlDocument,
  outcome: Outcome,
  names: ReadonlyMap<NamedObject, string>,
  deploys: ReadonlyMap<string, DeploySource>,
  { secrets }: Referred,
  watched: readonly WatchedObject[],
): Fragment {
  switch (outcome.as) {
    case 'receiver':
      return mapReceiver(outcome.read, secrets, watched);
    case 'source':
      return mappedFragment(outcome.mapped, names.get(outcome.mapped) ?? outcome.mapped.name, secrets);
    case 'refused':
      return refusedObject(outcome.refused, names.get(outcome.refused) ?? outcome.refused.name);
    case 'deploy':
    case 'refusedDeploy': {
      const id = outcome.as === 'deploy' ? outcome.mapped.id : outcome.id;
      const found = deploys.get(id) ?? { because: 'it is not known' };
      if (typeof found !== 'string') return noticeOf(document, `${id} is not mapped: ${found.because}`);
      if (outcome.as === 'deploy') return deployFragment(outcome.mapped, found);
      return refusedDeploy(document, id, outcome.problems);
    }
    case 'fragment':
      return outcome.fragment;
    case 'problems':
      return { ...EMPTY_FRAGMENT, problems: outcome.problems };
    case 'notice':
      return noticeOf(document, outcome.message);
    case 'nothing':
      return EMPTY_FRAGMENT;
  }
}

/**
 * Maps Flux's objects of all documents onto the model; what they refer to may stand in any of them. Names that our own
 * documents have are left to them.
 */
export function readKubernetesObjects(
  objects: readonly KubernetesObject[],
  own: readonly Fragment[],
): readonly Fragment[] {
  const classified = objects.map((object) => ({ object, classification: classify(object) }));
  const ofKind = (kind: string): readonly KubernetesObject[] =>
    classified.filter(({ classification }) => classification.as === kind).map(({ object }) => object);
  const referred = referredIn(
    (kind) => ofKind(kind).map(({ document }) => document),
    refusedRepositories([...ofKind('HelmRepository'), ...ofKind('ImageRepository')]),
  );
  const foreign = new Set(
    classified.filter(
      ({ object, classification }) =>
        classification.as === 'notice' &&
        object.document.found &&
        isForeign(object) &&
        !referred.inCluster.has(`${object.kind} ${object.id}`),
    ),
  );
  const known = classified.filter((each) => !foreign.has(each));
  const outcomes = known.flatMap(({ object, classification }) =>
    outcomesOf(object, classification, referred).map((outcome) => ({ document: object.document, outcome })),
  );
  const ours = own.flatMap(({ sources, refused }) => [...sources.map(({ entry }) => entry), ...refused]);
  const names = sourceNames(
    outcomes.flatMap(({ outcome }) => namedIn(outcome)),
    new Set(ours.map(formatSourceId)),
  );
  const deploys = deploySources(
    outcomes.flatMap(({ outcome }) => candidatesIn(outcome)),
    sourcesByObject(ours, names),
  );
  const mapped = outcomes.flatMap(({ outcome }) => (outcome.as === 'source' ? [outcome.mapped] : []));
  const watched = watchedObjects(
    mapped,
    own.flatMap(({ sources }) => sources.map(({ entry }) => entry)),
  );
  const fragments = outcomes.map(({ document, outcome }) =>
    withUnfilled(fragmentOf(document, outcome, names, deploys, referred, watched), document),
  );
  const notices = [
    ...referred.secrets.notices,
    ...unusedNotices(referred, mapped),
    ...foreignNotices([...foreign].map(({ object }) => object)),
  ];
  return [...fragments, { ...EMPTY_FRAGMENT, notices }];
}
