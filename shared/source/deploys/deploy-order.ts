import type { DeployEntry } from '../deploy-entry.ts';
import type { Placed } from '../fragment.ts';
import { nearest } from '../nearest.ts';
import { formatPlace, type Problem, problemAt } from '../problem.ts';
import type { Notice } from '../source.ts';
import { meansDeploy } from './deploy-members.ts';

type Deploys = readonly Placed<DeployEntry>[];

const namesOf = (deploys: Deploys): ReadonlySet<string> => new Set(deploys.map(({ entry }) => entry.name));

/** The deploys that a name means: one, those of its clusters, or none that is known. */
const meantBy = (name: string, names: ReadonlySet<string>): readonly string[] =>
  names.has(name) ? [name] : [...names].filter((each) => meansDeploy(name, each));

/** Deploys that wait for one another, so that none of them would ever begin, nor what waits for them. */
export function ringsOfDeploys(deploys: Deploys): readonly Problem[] {
  const names = namesOf(deploys);
  const awaited = new Map(
    deploys.map(({ entry: { name, dependsOn = [] } }) => [
      name,
      dependsOn.flatMap((each) => meantBy(each, names)),
    ]),
  );
  for (let before = Number.POSITIVE_INFINITY; awaited.size < before; ) {
    before = awaited.size;
    for (const [name, others] of awaited) if (!others.some((each) => awaited.has(each))) awaited.delete(name);
  }
  const left = [...awaited.keys()].join(', ');
  const first = deploys.find(({ entry }) => awaited.has(entry.name));
  return first === undefined ? [] : [problemAt(first, `dependsOn goes in a ring, and none begins: ${left}`)];
}

/** A deploy may wait for one that is in no document, as a construct's is; or its name is mistyped, and it waits for ever. */
export function awaitedElsewhere(deploys: Deploys): readonly Notice[] {
  const names = namesOf(deploys);
  return deploys.flatMap(({ entry: { name, dependsOn = [] }, place }) =>
    dependsOn
      .filter((each) => meantBy(each, names).length === 0)
      .map((each) => {
        const near = nearest(each, [...names]);
        const meant = near === undefined ? '' : `; did you mean "${near}"?`;
        const message = `deploy ${name} waits for "${each}", which is in none of these documents${meant}`;
        return { place: formatPlace(place), message };
      }),
  );
}
