import { toDeploy } from '../../entries.ts';
import type { YamlDocument } from '../../file/yaml-document.ts';
import { EMPTY_FRAGMENT, type Fragment } from '../../fragment.ts';
import { formatPlace, issuesText, type Place, type Problem } from '../../problem.ts';
import { deploy as deploySchema } from '../../schema/schema-deploy.ts';
import { distinctName } from '../names.ts';
import { tidied } from '../written.ts';

/** An object that asks for a deploy. */
export interface MappedDeploy {
  readonly document: YamlDocument;
  /** `Kustomization namespace/name`. */
  readonly id: string;
  /** Of what it deploys: `OCIRepository namespace/name`. */
  readonly from: string;
  /** Ids of others of its kind. */
  readonly dependsOn: readonly string[];
  /** In the form of our own document, but for its source and what it depends on. */
  readonly entry: Readonly<Record<string, unknown>>;
  readonly notices: readonly { readonly place: Place; readonly message: string }[];
}

/** Of namespace and name both, and of the kind, so that no other object changes it: what it made has this name on it. */
export function deployNameOf(id: string): string {
  const [kind, name = ''] = id.split(' ');
  return distinctName(`${name.replace('/', '-')}${kind === 'HelmRelease' ? '-release' : ''}`);
}

/** Without what nobody said. */
export const given = (fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

/** A deploy that is refused, and nothing beside it. */
export const refusedDeploy = (
  { file }: YamlDocument,
  id: string,
  problems: readonly Problem[],
): Fragment => ({
  ...EMPTY_FRAGMENT,
  problems,
  refusedEntries: [{ file, list: 'deploys', name: deployNameOf(id), problems }],
});

/**
 * Adds the deploy.
 * @param source `namespace/name` of the source that it deploys
 */
export function deployFragment(
  { document, id, entry, dependsOn, notices }: MappedDeploy,
  source: string,
): Fragment {
  const { name, kind, ...settings } = entry;
  const whole = {
    name,
    kind,
    source,
    ...settings,
    ...(dependsOn.length > 0 && { dependsOn: dependsOn.map(deployNameOf) }),
  };
  const parsed = deploySchema.safeParse(whole);
  if (!parsed.success) {
    // Places of our own keys are not those of its own.
    const message = issuesText(parsed.error.issues);
    const problem = { ...document.placeOf(['spec']), path: 'spec', message, code: 'CONFIG_INVALID' } as const;
    return refusedDeploy(document, id, [problem]);
  }
  return {
    ...EMPTY_FRAGMENT,
    deploys: [
      {
        entry: { ...toDeploy(parsed.data, document.file), isMapped: true },
        place: document.placeOf([]),
        path: '',
      },
    ],
    written: [{ list: 'deploys', entry: tidied(whole), secrets: [] }],
    notices: notices.map((notice) => ({ ...notice, place: formatPlace(notice.place) })),
  };
}
