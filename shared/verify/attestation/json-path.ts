import { LandfallError } from '../../errors.ts';
import { isObject } from '../../kernel/json.ts';
import { quoted } from '../found/quoted.ts';

type Step = string | number | '*';
interface Path {
  readonly steps: readonly { readonly step: Step; readonly isAny: boolean }[];
}

const STEP = /\.([A-Za-z_][A-Za-z0-9_-]*)|\[(\d{1,6})\]|\[(\*)\]|\['([^'\\]*)'\]/y;

/**
 * Reads a path into JSON: `$`, then `.name`, `['any name']`, `[0]` or `[*]`. A small part of RFC 9535, so that it is no program.
 * @throws LandfallError CONFIG_INVALID
 */
export function parseJsonPath(text: string): Path {
  const steps: Path['steps'][number][] = [];
  STEP.lastIndex = 1;
  while (text.startsWith('$')) {
    const match = STEP.exec(text);
    if (match === null) break;
    const [, name, index, any, quoted] = match;
    steps.push({ step: any ?? name ?? quoted ?? Number(index), isAny: any !== undefined });
    if (STEP.lastIndex === text.length) return { steps };
  }
  throw new LandfallError('CONFIG_INVALID', `${quoted(text)} is no path`, {
    hint: "Write e.g. $.runDetails.builder.id, $.materials[*].uri or $['any name'][0].",
  });
}

/** All that stands at a path. */
export function valuesAt(root: unknown, { steps }: Path): readonly unknown[] {
  let at: readonly unknown[] = [root];
  for (const { step, isAny } of steps)
    at = at.flatMap((value): readonly unknown[] => {
      if (isAny) return Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
      if (typeof step === 'number') return Array.isArray(value) && step < value.length ? [value[step]] : [];
      return isObject(value) && Object.hasOwn(value, step) ? [value[step]] : [];
    });
  return at;
}
