import { LandfallError } from '../../errors.ts';
import type { Digest } from '../../oci/digest.ts';
import { quoteName } from '../entry-path.ts';
import type { LayerPlan } from './layer-plan.ts';

/**
 * Two layers of one title and different content: which of them is the file, nobody can tell. oras-go refuses them too.
 * So a file whose title is the folder of another's: titled files are beside each other, and none replaces another as an
 * upper layer does.
 * @see https://github.com/oras-project/oras-go/blob/v2.6.0/content/file/file.go ErrDuplicateName
 * @throws LandfallError ENTRY_REFUSED before anything is asked for
 */
export function refuseDuplicateTitles(plan: LayerPlan): void {
  const titled = new Map<string, Digest>();
  for (const step of plan) {
    if (step.action !== 'file' && step.action !== 'untar-under') continue;
    const { digest } = step.layer;
    const other = titled.get(step.path);
    titled.set(step.path, digest);
    if (other === undefined || other === digest) continue;
    throw new LandfallError(
      'ENTRY_REFUSED',
      `layers ${other} and ${digest} have one title, ${quoteName(step.path)}, and different content`,
      { hint: 'Push the artifact again with each title once.' },
    );
  }
  const files = new Set(plan.flatMap((step) => (step.action === 'file' ? [step.path] : [])));
  for (const title of titled.keys()) refuseBelow(files, title);
}

function refuseBelow(files: ReadonlySet<string>, title: string): void {
  for (let end = title.lastIndexOf('/'); end > 0; end = title.lastIndexOf('/', end - 1)) {
    const above = title.slice(0, end);
    if (files.has(above))
      throw new LandfallError(
        'ENTRY_REFUSED',
        `one layer is titled ${quoteName(above)} and is a file, another ${quoteName(title)}, which would be in it`,
        { hint: 'Push the artifact again with files that are beside each other.' },
      );
  }
}
