import { LandfallError } from '../../shared/errors.ts';
import type { SourceId } from '../../shared/model/ids.ts';
import { shownUrl } from '../../shared/shown-url.ts';

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Whether a text may be the name of a source or of a namespace. */
export const isName = (text: string): boolean => NAME.test(text);

/** Parses `name` or `namespace/name`. `inNamespace`: of one that is named without. @throws LandfallError USAGE */
export function parseSourceId(text: string, inNamespace = 'default'): SourceId {
  const parts = text.split('/');
  const [namespace = '', name = ''] = parts.length === 1 ? [inNamespace, text] : parts;
  if (parts.length > 2 || !isName(namespace) || !isName(name)) {
    throw new LandfallError(
      'USAGE',
      `${JSON.stringify(shownUrl(text))} is not a source: wanted name or namespace/name`,
      {
        hint: 'List them with: landfall get sources',
      },
    );
  }
  return { namespace, name };
}
