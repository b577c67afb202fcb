import { isMap, type Json, mapAt } from './json.ts';

/** Who asks for what, on what, and what conditions can ask about it. */
export interface AccessRequest {
  /** ARN of a role, or a service such as `events.amazonaws.com`. */
  readonly principal: string;
  /** `s3:PutObject`. */
  readonly action: string;
  /** ARN. */
  readonly resource: string;
  /** Keys in lower case; one that is not there is absent. */
  readonly context: Readonly<Record<string, string>>;
}

const textsOf = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(String);

/** `*` for any characters, `?` for one. */
function isLike(text: string, pattern: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

type Operator = (value: string, wanted: string) => boolean;

const same: Operator = (value, wanted) => value === wanted;
const less: Operator = (value, wanted) => Number(value) < Number(wanted);

/** Those that hold where any value of the policy does, and are false where the key is absent. */
const POSITIVE: Readonly<Record<string, Operator>> = {
  StringEquals: same,
  StringLike: isLike,
  ArnEquals: isLike,
  ArnLike: isLike,
  Bool: (value, wanted) => value.toLowerCase() === wanted.toLowerCase(),
  NumericLessThan: less,
};

/** Those that hold where no value of the policy does, and are true where the key is absent. */
const NEGATIVE: Readonly<Record<string, Operator>> = {
  StringNotEquals: same,
  StringNotLike: isLike,
  ArnNotEquals: isLike,
  ArnNotLike: isLike,
};

function isOneTrue(operator: string, value: string | undefined, wanted: readonly string[]): boolean {
  if (operator === 'Null') return wanted.includes(String(value === undefined));
  const [positive, negative] = [POSITIVE[operator], NEGATIVE[operator]];
  if (positive !== undefined) return value !== undefined && wanted.some((each) => positive(value, each));
  if (negative !== undefined) return value === undefined || !wanted.some((each) => negative(value, each));
  throw new Error(`condition operator ${operator} is not known to this host`);
}

function areConditionsTrue(statement: Json, { context }: AccessRequest): boolean {
  return Object.entries(mapAt(statement, 'Condition') ?? {}).every(([operator, keys]) =>
    Object.entries(isMap(keys) ? keys : {}).every(([key, wanted]) =>
      isOneTrue(operator, context[key.toLowerCase()], textsOf(wanted)),
    ),
  );
}

/** Whether a statement of a resource's policy is about this principal. One of a role's has none. */
function isAbout({ Principal: named }: Json, principal: string): boolean {
  if (named === undefined || named === '*') return true;
  const all = isMap(named) ? Object.values(named).flatMap(textsOf) : textsOf(named);
  return all.some((each) => each === '*' || each === principal);
}

const isFor = (statement: Json, request: AccessRequest): boolean =>
  textsOf(statement['Action']).some((action) => isLike(request.action.toLowerCase(), action.toLowerCase())) &&
  (statement['Resource'] === undefined ||
    textsOf(statement['Resource']).some((resource) => isLike(request.resource, resource))) &&
  isAbout(statement, request.principal) &&
  areConditionsTrue(statement, request);

/**
 * Whether statements allow a request: at least one says Allow and none says Deny.
 * @throws Error for NotAction, NotResource, NotPrincipal and conditions that are not known here
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function isAllowed(statements: readonly Json[], request: AccessRequest): boolean {
  for (const statement of statements) {
    const unknown = ['NotAction', 'NotResource', 'NotPrincipal'].find((key) => key in statement);
    if (unknown !== undefined) throw new Error(`${unknown} is not known to this host`);
  }
  const effects = statements.filter((each) => isFor(each, request)).map(({ Effect }) => Effect);
  return effects.includes('Allow') && !effects.includes('Deny');
}

/** The statements of a policy document: one, or a list. */
export function statementsOf(document: unknown): readonly Json[] {
  const statement = isMap(document) ? document['Statement'] : undefined;
  return (Array.isArray(statement) ? statement : [statement]).filter(isMap);
}
