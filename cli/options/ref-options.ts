import type { Command } from 'commander';
import { LandfallError } from '../../shared/errors.ts';
import type { Reference } from '../../shared/oci/reference.ts';
import { parseTypedReference } from '../../shared/oci/typed-reference.ts';
import type { Ref, TagOrder } from '../../shared/resolve/ref.ts';

/** The options that choose among tags. */
export interface RefOptions {
  readonly semver?: string;
  readonly filter?: string;
  readonly order?: string;
  readonly extract?: string;
}

export const addRefOptions = (command: Command): Command =>
  command
    .optionsGroup('Which tag:')
    .option('--semver <range>', 'the highest version in a range, e.g. ">=6.0.0 <7.0.0"')
    .option(
      '--filter <re2>',
      'only tags that this RE2 expression matches; ordered as versions without --order',
    )
    .option('--order <order>', 'semver, numerical or alphabetical: the last is chosen')
    .option('--extract <template>', "what is ordered, from the filter's groups, e.g. $ts");

const ORDERS: readonly string[] = ['semver', 'numerical', 'alphabetical'] satisfies TagOrder[];

function orderOf(text: string): TagOrder {
  if (ORDERS.includes(text)) return text as TagOrder;
  throw new LandfallError('USAGE', `--order ${JSON.stringify(text)} is none of ${ORDERS.join(', ')}`);
}

/**
 * What a URL and options ask of a repository. A tag in the URL and a range contradict each other.
 * @throws LandfallError REFERENCE_INVALID, DIGEST_INVALID, USAGE
 */
export function parseTarget(
  url: string,
  options: RefOptions,
): { readonly reference: Reference; readonly ref: Ref } {
  const reference = parseTypedReference(url);
  const { selector } = reference;
  const { semver, filter, order, extract } = options;
  const chooses = semver !== undefined || filter !== undefined || order !== undefined;
  if (chooses && selector.kind !== 'none') {
    throw new LandfallError(
      'USAGE',
      `${url} already names ${selector.kind}; --semver, --filter and --order choose a tag`,
      {
        hint: 'Leave the tag or digest out of the URL.',
      },
    );
  }
  const ref: Ref = {
    ...('tag' in selector && { tag: selector.tag }),
    ...('digest' in selector && { digest: selector.digest }),
    ...(semver !== undefined && { semver }),
    ...(filter !== undefined && { filter }),
    ...(order !== undefined && { order: orderOf(order) }),
    ...(extract !== undefined && { extract }),
  };
  return { reference, ref };
}
