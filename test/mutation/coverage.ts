import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { runTest } from './run-test.ts';

interface Range {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}

interface Script {
  readonly url: string;
  readonly functions: readonly { readonly ranges: readonly Range[] }[];
}

/** A test file as it is without a mutant. */
export interface CoveringTest {
  readonly file: string;
  readonly milliseconds: number;
  /** Whether it runs what stands at an offset of a module. */
  covers(url: string, offset: number): boolean;
}

/** The innermost range that an offset is in says whether it ran. */
function isRun({ functions }: Script, offset: number): boolean {
  let innermost: Range | undefined;
  for (const { ranges } of functions)
    for (const range of ranges) {
      if (offset < range.startOffset || offset >= range.endOffset) continue;
      const size = range.endOffset - range.startOffset;
      if (innermost === undefined || size <= innermost.endOffset - innermost.startOffset) innermost = range;
    }
  return innermost !== undefined && innermost.count > 0;
}

/**
 * Runs a test file once and notes what it runs of which modules. Undefined where it fails by itself, as one does whose tools
 * are not here: it can kill nothing.
 */
export async function coverageOf(file: string, timeoutMs: number): Promise<CoveringTest | undefined> {
  const folder = await temporaryFolder();
  try {
    const ran = await runTest(file, {
      env: { NODE_V8_COVERAGE: folder.path, NODE_DISABLE_COMPILE_CACHE: '1' },
      timeoutMs,
    });
    if (ran.outcome !== 'passed') return undefined;
    const scripts = new Map<string, Script[]>();
    for (const name of await readdir(folder.path)) {
      const { result } = JSON.parse(await readFile(join(folder.path, name), 'utf8')) as {
        readonly result: readonly Script[];
      };
      for (const script of result.filter(({ url }) => url.includes('/shared/')))
        scripts.set(script.url, [...(scripts.get(script.url) ?? []), script]);
    }
    const covers = (url: string, offset: number): boolean =>
      (scripts.get(url) ?? []).some((script) => isRun(script, offset));
    return { file, milliseconds: ran.milliseconds, covers };
  } finally {
    await folder.remove();
  }
}
