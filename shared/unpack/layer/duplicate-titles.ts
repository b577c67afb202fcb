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
  const titledSteps = plan.filter((step) => step.action === 'file' || step.action === 'untar-under');
  for (const step of titledSteps) {
    const { digest } = step.layer;
    const other = titled.get(step.path);
    titled.set(step.path, digest);
    if (other === undefined || other === digest) continue;
    throw refused(`layers ${other} and ${digest} have one title, ${quoteName(step.path)}, and other content`);
  }
  for (const { action, path } of titledSteps)
    for (const title of titled.keys())
      if (action === 'file' && title.startsWith(`${path}/`))
        throw refused(`title ${quoteName(path)} is a file above ${quoteName(title)}`);
}

const refused = (why: string): LandfallError =>
  new LandfallError('ENTRY_REFUSED', why, { hint: 'Push it again, each title once.' });
