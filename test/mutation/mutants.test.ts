import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { codeOf } from './code-mask.ts';
import { EQUIVALENTS, whyEquivalent } from './equivalents.ts';
import { mutantsOf, mutated } from './mutants.ts';

const SOURCE = `import { a } from './a.ts';
/** if (never) return; */
export async function f(x: Map<string, 3>, y = 10): Promise<boolean> {
  if (x.size >= y && y !== 0) return false;
  const text = \`\${x.size > 2 ? 'a && b' : /[/]>= 3/g.source} 7\`;
  await a(text);
  return true;
}
`;

describe('mutants of a module', () => {
  test('are of the program alone: no type, comment, text or expression', () => {
    const code = codeOf(SOURCE);
    assert.equal(code.length, SOURCE.length);
    for (const gone of ['never', 'a && b', '>= 3', ' 7', 'Map<string', './a.ts'])
      assert.ok(!code.includes(gone), gone);
    assert.ok(code.includes('x.size > 2'), 'what a template computes');
  });

  test('are one for each place and operator, each another program', () => {
    const mutants = mutantsOf(SOURCE);
    const counts = Object.fromEntries(
      Map.groupBy(mutants, ({ operator }) => operator)
        .entries()
        .map(([operator, list]) => [operator, list.length]),
    );
    assert.deepEqual(counts, {
      'changes a number': 3,
      'drops a guard': 1,
      'negates a condition': 1,
      'moves a bound': 2,
      'swaps and, or': 1,
      'swaps equal, unequal': 1,
      'turns true, false': 2,
      'drops a call': 1,
      'does not wait': 1,
    });
    for (const mutant of mutants) assert.notEqual(mutated(SOURCE, mutant), SOURCE, mutant.operator);
  });

  for (const { file, operator, at, why } of EQUIVALENTS)
    test(`that is the same program is there, and one: ${file}: ${at.slice(0, 30)}`, () => {
      const source = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
      const same = mutantsOf(source).filter(
        (mutant) => mutant.operator === operator && source.startsWith(at, mutant.from),
      );
      assert.equal(same[0] && whyEquivalent(file, source, same[0]), why);
      assert.deepEqual(
        same.map((mutant) => mutant.operator),
        [operator],
      );
    });

  test('can be read by Node, all of a folder', () => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    for (const file of globSync(`${root}shared/reconcile/*.ts`)) {
      const source = readFileSync(file, 'utf8');
      for (const mutant of mutantsOf(source)) assert.ok(stripTypeScriptTypes(mutated(source, mutant)), file);
    }
  });
});
