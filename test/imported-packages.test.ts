import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

/** Packages that are imported when they are needed, of which a bundle has every name only where they are ES modules. */
test('what is imported when it is needed is no CommonJS', () => {
  for (const file of globSync('{shared,functions}/**/*.ts'))
    for (const [, pkg = ''] of readFileSync(file, 'utf8').matchAll(/import\('([a-z@][^']*)'\)/g)) {
      if (pkg.startsWith('node:')) continue;
      const { type, module } = JSON.parse(readFileSync(`node_modules/${pkg}/package.json`, 'utf8')) as {
        readonly type?: string;
        readonly module?: string;
      };
      assert.ok(type === 'module' || module !== undefined, `${file} imports ${pkg} by ${pkg}'s own name`);
    }
});
