import { formatSourceId } from '../../model/ids.ts';
import type { YamlDocument } from '../file/yaml-document.ts';
import { EMPTY_FRAGMENT, type Fragment } from '../fragment.ts';
import { formatPlace } from '../problem.ts';
import { type Classification, classify, type KubernetesObject } from './kinds.ts';
import { mappedFragment, refusedObject } from './mapped-object.ts';
import { type NamedObject, sourceNames } from './names.ts';
import { type Outcome, readKind } from './read-kind.ts';
import { type Referred, referredIn, unusedNotices } from './referred.ts';
import { withUnfilled } from './variables.ts';

function outcomeOf(object: KubernetesObject, classification: Classification, referred: Referred): Outcome {
  const { document } = object;
  switch (classification.as) {
    case 'Secret':
      return { as: 'nothing' };
    case 'notice':
      return { as: 'notice', message: classification.message };
    case 'problem': {
      const { message } = classification;
      const problem = {
        ...document.placeOf(['kind']),
        path: 'kind',
        message,
        code: 'CONFIG_INVALID',
      } as const;
      return { as: 'problems', problems: [problem] };
    }
    default:
      return readKind(classification.as, object, referred);
  }
}

const namedIn = (outcome: Outcome): readonly NamedObject[] => {
  if (outcome.as === 'source') return [outcome.mapped];
  return outcome.as === 'refused' ? [outcome.refused] : [];
};

function fragmentOf(
  document: YamlDocument,
  outcome: Outcome,
  names: ReadonlyMap<NamedObject, string>,
  { secrets }: Referred,
): Fragment {
  switch (outcome.as) {
    case 'source':
      return mappedFragment(outcome.mapped, names.get(outcome.mapped) ?? outcome.mapped.name, secrets);
    case 'refused':
      return refusedObject(outcome.refused, names.get(outcome.refused) ?? outcome.refused.name);
    case 'problems':
      return { ...EMPTY_FRAGMENT, problems: outcome.problems };
    case 'notice':
      return {
        ...EMPTY_FRAGMENT,
        notices: [{ place: formatPlace(document.placeOf([])), message: outcome.message }],
      };
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
  const referred = referredIn((kind) =>
    classified
      .filter(({ classification }) => classification.as === kind)
      .map(({ object }) => object.document),
  );
  const outcomes = classified.map(({ object, classification }) => ({
    document: object.document,
    outcome: outcomeOf(object, classification, referred),
  }));
  const ours = own.flatMap(({ sources, refused }) => [...sources.map(({ entry }) => entry), ...refused]);
  const names = sourceNames(
    outcomes.flatMap(({ outcome }) => namedIn(outcome)),
    new Set(ours.map(formatSourceId)),
  );
  const fragments = outcomes.map(({ document, outcome }) =>
    withUnfilled(fragmentOf(document, outcome, names, referred), document),
  );
  const mapped = outcomes.flatMap(({ outcome }) => (outcome.as === 'source' ? [outcome.mapped] : []));
  const notices = [...referred.secrets.notices, ...unusedNotices(referred, mapped)];
  return [...fragments, { ...EMPTY_FRAGMENT, notices }];
}
