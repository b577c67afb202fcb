import * as z from 'zod';
import { REF_EXCLUSIONS } from '../../limits.ts';
import { parseDigest } from '../../oci/digest.ts';
import { isTag } from '../../oci/reference.ts';
import { parseRange } from '../../resolve/range.ts';
import { tagFilter } from '../../resolve/tag-filter.ts';
import { type Refusal, refusalOf, refusedWhen, textFor } from './schema-fields.ts';

type RefShape = Readonly<
  Partial<Record<'digest' | 'semver' | 'tag' | 'filter' | 'order' | 'extract', string>> & {
    readonly exclude?: readonly string[];
    readonly reverse?: true;
    readonly helm?: false;
    readonly downgrade?: 'follow' | 'refuse';
  }
>;

/** What means nothing where nothing is chosen. */
const OF_A_CHOICE = ['exclude', 'reverse', 'helm', 'downgrade'] as const;

/** Combinations of which one half would be ignored in silence. */
function conflictIn(ref: RefShape): Refusal | undefined {
  const has = (key: keyof RefShape): boolean => ref[key] !== undefined;
  const choosing = (['semver', 'filter', 'order', 'extract', ...OF_A_CHOICE] as const).filter(has);
  const pinned = has('digest') ? 'digest' : 'tag';
  if (has(pinned) && choosing.length > 0) {
    return { message: `${pinned} names one revision, so ${choosing.join(' and ')} would choose nothing` };
  }
  const [alone] = OF_A_CHOICE.filter(has);
  if (alone !== undefined && !has('semver') && !has('order')) {
    return { message: `${alone} is of what semver or order chooses from; neither is given` };
  }
  if (has('extract') && !has('filter'))
    return { message: 'extract takes from the groups of filter, which is missing' };
  if (has('semver') && has('order') && ref.order !== 'semver') {
    return { message: `semver orders by version, which contradicts order: ${ref.order}` };
  }
  if (has('filter') && !has('semver') && !has('order')) {
    return { message: 'filter leaves many tags; say which is wanted with semver or order' };
  }
  const { filter, extract } = ref;
  if (filter === undefined || extract === undefined) return undefined;
  return refusalOf(() => tagFilter(filter, extract));
}

const tag = z
  .string()
  .refine(isTag, { error: 'wanted a tag: 1 to 128 of A-Za-z0-9._-, not beginning with . or -' });

/** Which revision: digest > semver > filter/order > tag > `latest`. */
export const ref = z
  .strictObject({
    semver: textFor(parseRange).exactOptional().meta({ description: 'A range, e.g. ">=6.0.0 <7.0.0"' }),
    tag: tag.exactOptional(),
    digest: textFor(parseDigest)
      .exactOptional()
      .meta({ description: 'sha256:<hex>; with tag, both must agree' }),
    filter: textFor((text) => tagFilter(text))
      .exactOptional()
      .meta({ description: 'RE2 expression over tags' }),
    order: z.enum(['semver', 'numerical', 'alphabetical']).exactOptional(),
    extract: z
      .string()
      .min(1)
      .exactOptional()
      .meta({ description: 'What is ordered, from the groups of filter, e.g. $ts' }),
    exclude: z
      .array(textFor((text) => tagFilter(text)))
      .min(1)
      .max(REF_EXCLUSIONS)
      .exactOptional()
      .meta({ description: 'RE2 expressions: tags that any of them matches are left out' }),
    reverse: z.literal(true).exactOptional().meta({ description: 'The first of the order, not the last' }),
    helm: z
      .literal(false)
      .exactOptional()
      .meta({ description: '_ in a tag stands for itself, and not for the + that Helm writes so' }),
    downgrade: z
      .enum(['follow', 'refuse'])
      .exactOptional()
      .meta({ description: 'Whether a lower tag than the current one lands; default follow' }),
  })
  .check(refusedWhen(conflictIn));
