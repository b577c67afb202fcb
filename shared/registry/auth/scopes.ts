import { CHALLENGE_SCOPES, SCOPE_CHARACTERS } from '../../limits.ts';

/** `repository:team/app:pull`: a resource, and what may be done there. */
interface Scope {
  readonly resource: string;
  readonly actions: readonly string[];
}

/** The name may have a host with its port in it. */
const SCOPE = /^(repository(?:\([a-z]{1,20}\))?:[A-Za-z0-9][A-Za-z0-9._/:-]*):([a-z*_/,.-]+)$/;

function parseScope(text: string): Scope | undefined {
  const [, resource, actions = ''] = (text.length <= SCOPE_CHARACTERS && SCOPE.exec(text)) || [];
  if (resource === undefined) return undefined;
  return { resource, actions: actions.split(',').filter((action) => action !== '') };
}

const format = ({ resource, actions }: Scope): string => `${resource}:${actions.join(',')}`;
const nameOf = ({ resource }: Scope): string => resource.slice(resource.indexOf(':') + 1);

/** What no read needs. ACR's `metadata_read` is one that it does. */
const WRITES = /^\*$|push|write|delete|admin|manage/;
/** Nor any push. */
const BEYOND_PUSH = /^\*$|delete|admin|manage/;

/** GHCR's, of no repository. */
const EXAMPLE = 'repository:user/image';

/** The same repository, or what a registry that maps names calls it: `docker-remote/team/app`, `app`. */
function isSameRepository(own: Scope, other: Scope): boolean {
  const [mine, theirs] = [nameOf(own), nameOf(other)];
  return mine === theirs || mine.endsWith(`/${theirs}`) || theirs.endsWith(`/${mine}`);
}

export interface ScopeRule {
  /** A credential goes along, to a token service on another host than the registry's. */
  readonly guarded: boolean;
}

/** Of one resource there is one scope, with the actions of both. */
function merge(scopes: readonly Scope[]): readonly Scope[] {
  const byResource = Map.groupBy(scopes, ({ resource }) => resource);
  return [...byResource].map(([resource, all]) => ({
    resource,
    actions: [...new Set(all.flatMap(({ actions }) => actions))],
  }));
}

/**
 * The scopes to ask a token for: ours, and what the challenge names, which is for registries that want another right
 * for a list than for a manifest (ACR), or call the repository otherwise. Left out are rights that the request does not
 * need; and, where a credential would get it from a service that other registries share, another repository: its token
 * goes to the registry that asked. Garbage is left out as well.
 * @param held what is asked for until now: our own scope first
 * @param challenge the parameter `scope` of a Bearer challenge: scopes with blanks between them
 * @returns `held` itself where nothing is new
 * @see https://distribution.github.io/distribution/spec/auth/scope/
 */
export function widenScopes(
  held: readonly string[],
  own: string,
  challenge: string | undefined,
  { guarded }: ScopeRule,
): readonly string[] {
  const mine = parseScope(own);
  if (challenge === undefined || mine === undefined) return held;
  const unneeded = mine.actions.includes('push') ? BEYOND_PUSH : WRITES;
  const wanted = challenge
    .slice(0, CHALLENGE_SCOPES * SCOPE_CHARACTERS)
    .split(/\s+/)
    .map(parseScope)
    .filter((scope) => scope !== undefined)
    .filter(({ resource }) => resource !== EXAMPLE)
    .filter((scope) => !guarded || isSameRepository(mine, scope))
    .map(({ resource, actions }) => ({
      resource,
      actions: actions.filter((action) => !unneeded.test(action)),
    }))
    .filter(({ actions }) => actions.length > 0);
  const known = held.map(parseScope).filter((scope) => scope !== undefined);
  const all = merge([...known, ...wanted])
    .slice(0, CHALLENGE_SCOPES)
    .map(format);
  return all.length === held.length && all.every((scope, at) => scope === held[at]) ? held : all;
}
