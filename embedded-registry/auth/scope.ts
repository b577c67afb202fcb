/** What may be done in a repository. */
export type ScopeAction = 'pull' | 'push' | 'delete';

/** Rights in one repository. @see https://distribution.github.io/distribution/spec/auth/scope/ */
export interface Scope {
  readonly repository: string;
  readonly actions: readonly ScopeAction[];
}

const ACTIONS: readonly string[] = ['pull', 'push', 'delete'] satisfies readonly ScopeAction[];
const isAction = (text: string): text is ScopeAction => ACTIONS.includes(text);

export const formatScope = ({ repository, actions }: Scope): string =>
  `repository:${repository}:${actions.join(',')}`;

/** Parses `scope` parameters, each of them one scope or several separated by spaces. What is none is left out. */
export function parseScopes(parameters: readonly string[]): readonly Scope[] {
  return parameters
    .flatMap((parameter) => parameter.split(' '))
    .flatMap((text) => {
      const [, repository, actions] = /^repository:([^:]+):([^:]+)$/.exec(text) ?? [];
      if (repository === undefined || actions === undefined) return [];
      return [{ repository, actions: actions.split(',').filter(isAction) }];
    });
}

export const allows = (granted: readonly Scope[], wanted: Scope): boolean =>
  wanted.actions.every((action) =>
    granted.some(({ repository, actions }) => repository === wanted.repository && actions.includes(action)),
  );
