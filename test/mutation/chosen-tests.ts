import { globSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';

const COMMANDS: ReadonlySet<string> = new Set(
  globSync('cli/commands/*.ts').map((file) => basename(file, '.ts')),
);

export const testsIn = (path: string): readonly string[] =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory()
    ? globSync(`${path}/**/*.test.ts`).toSorted()
    : globSync(path);

/** Whether a test imports the module or one beside it, or runs the command that it or its folder is named like. */
function isOf(module: string, text: string): boolean {
  const folder = dirname(module);
  const isShared = folder.split('/').length === 2;
  return (
    text.includes(isShared ? `/${module}'` : `/${folder}/`) ||
    [basename(module, '.ts'), basename(folder)].some(
      (name) => COMMANDS.has(name) && text.includes(`'${name}'`),
    )
  );
}

/** What more tests than these use is nobody's own, and would be run with half of the suite. */
const OTHERS = 30;

/**
 * The test files that may notice a change of a module (`shared/store/fsck/fsck.ts`): all of `test/store`, and those elsewhere
 * that import it or run its command, where these are few.
 */
export function testsOf(module: string): readonly string[] {
  const [, folder = ''] = module.split('/');
  const others = globSync('test/**/*.test.ts').filter((file) => isOf(module, readFileSync(file, 'utf8')));
  const own = testsIn(`test/${folder}`);
  return [...new Set([...own, ...(others.length > OTHERS ? [] : others.toSorted())])];
}
