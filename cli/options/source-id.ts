import { LandfallError } from '../../shared/errors.ts';
import { isName, isSourceName, type SourceId } from '../../shared/model/ids.ts';
import { shownUrl } from '../../shared/shown-url.ts';

/** Parses `name` or `namespace/name`. `inNamespace`: of one that is named without. @throws LandfallError USAGE */
export function parseSourceId(text: string, inNamespace = 'default'): SourceId {
  const parts = text.split('/');
  const [namespace = '', name = ''] = parts.length === 1 ? [inNamespace, text] : parts;
  if (parts.length > 2 || !isName(namespace) || !isSourceName(name)) {
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
