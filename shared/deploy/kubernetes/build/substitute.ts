import { KUBERNETES_MANIFEST_BYTES, KUBERNETES_VARIABLE_DEPTH } from '../../../limits.ts';
import { deployFailed } from '../../kit/failures.ts';
import { hasDefault, VariableLimit, variableFunction } from './variable-function.ts';

/** Variables of manifests by their names. */
export type Variables = ReadonlyMap<string, string>;

class BadSubstitution extends Error {}

const NAME = /[\p{L}\p{Nd}_]+/uy;
const OPERATORS = /:[-+=?]|:|=|[,^]{1,2}|\/[/#%]?|##?|%%?/uy;

/** Reads `${…}` of one text, as Flux's envsubst does. */
class Substitution {
  readonly #text: string;
  readonly #variables: Variables;
  #at = 0;
  #depth = 0;
  /** Characters that variables came to so far, also within each other. */
  #made = 0;

  constructor(text: string, variables: Variables) {
    this.#text = text;
    this.#variables = variables;
  }

  whole(): string {
    let out = '';
    for (;;) {
      const next = this.#text.indexOf('$', this.#at);
      if (next < 0) return out + this.#text.slice(this.#at);
      out += this.#text.slice(this.#at, next);
      this.#at = next;
      if (this.#isAt('${')) out += this.#variable();
      else {
        // `$$` stands for `$`, also before a brace.
        out += '$';
        this.#at += this.#isAt('$$') ? 2 : 1;
      }
    }
  }

  #isAt(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  #take(expression: RegExp): string {
    expression.lastIndex = this.#at;
    const [found = ''] = expression.exec(this.#text) ?? [];
    this.#at += found.length;
    return found;
  }

  #close(): void {
    if (!this.#isAt('}')) throw new BadSubstitution('the closing brace is missing');
    this.#at += 1;
  }

  #variable(): string {
    this.#at += 2;
    this.#depth += 1;
    if (this.#depth > KUBERNETES_VARIABLE_DEPTH)
      throw new BadSubstitution(`more than ${KUBERNETES_VARIABLE_DEPTH} variables are within each other`);
    const isLength = this.#isAt('#');
    if (isLength) this.#at += 1;
    const name = this.#take(NAME);
    if (name === '') throw new BadSubstitution('there is no name of a variable');
    const operator = isLength ? '#' : this.#take(OPERATORS);
    const args = isLength ? [] : this.#args(operator);
    this.#close();
    this.#depth -= 1;
    const value = this.#variables.get(name);
    if (value === undefined && !hasDefault(operator))
      throw new BadSubstitution(`variable ${name} is not set, and has no default`);
    const made = operator === '' ? (value ?? '') : variableFunction(operator)(value ?? '', args);
    this.#made += made.length;
    if (this.#made > KUBERNETES_MANIFEST_BYTES) throw new VariableLimit();
    return made;
  }

  #args(operator: string): readonly string[] {
    if (operator === '' || /^[,^]+$/.test(operator)) return [];
    if (hasDefault(operator)) return this.#defaults();
    if (operator === ':') {
      const from = this.#argument(/[^:}]*/y);
      return this.#isAt(':') ? [from, this.#skipped(':', /[^}]*/y)] : [from];
    }
    if (!operator.startsWith('/')) return [this.#argument(/[^}]+/y)];
    const pattern = this.#isAt('/') ? '' : unescaped(this.#argument(/(?:\\[\\/]|[^/])+/y));
    if (!this.#isAt('/')) throw new BadSubstitution('the second slash is missing');
    this.#at += 1;
    return this.#isAt('}') ? [pattern] : [pattern, unescaped(this.#argument(/[^}]+/y))];
  }

  /** Texts and variables, up to the brace. */
  #defaults(): readonly string[] {
    const found: string[] = [];
    while (!this.#isAt('}')) {
      if (this.#at >= this.#text.length) throw new BadSubstitution('the closing brace is missing');
      found.push(this.#argument(/(?:\$(?!\{)|[^}$])+/y));
    }
    return found;
  }

  #skipped(delimiter: string, expression: RegExp): string {
    this.#at += delimiter.length;
    return this.#argument(expression);
  }

  #argument(expression: RegExp): string {
    return this.#isAt('${') ? this.#variable() : this.#take(expression);
  }
}

const unescaped = (text: string): string => text.replace(/\\([\\/])|\$(\$)/g, '$1$2');

/**
 * A text with its variables put in: `${name}`, `${name:-default}` and what else Flux knows. `$$` is `$`; `$name` is left.
 * @param what it is of, for messages
 * @throws LandfallError DEPLOY_FAILED where one is not set, or none that can be read
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution
 */
export function substituted(text: string, variables: Variables, what: string): string {
  try {
    return new Substitution(text, variables).whole();
  } catch (error) {
    if (!(error instanceof BadSubstitution || error instanceof VariableLimit)) throw error;
    throw deployFailed(`${what}: ${error.message}`, {
      hint: 'Name it in `substitute` of the deploy, give it a default (name:=default between its braces), double the dollar of what is no variable, or leave the object out by the annotation `landfall/substitute: disabled`.',
      cause: error,
    });
  }
}
