import { appendFile } from 'node:fs/promises';
import * as z from 'zod/mini';
import { defineDeploy } from '../../shared/deploy/kit/define-deploy.ts';

/** A kind of one's own: writes each revision into a file. The same on one machine and on AWS. */
export const noteDeploy = defineDeploy({
  kind: 'note',
  settings: z.object({ file: z.string() }),
  plan: async ({ settings, revision }) => ({
    changes: [{ action: 'update', what: settings.file, why: revision.revision }],
    summary: '1 line',
  }),
  step: async ({ settings, revision, runId }) => {
    await appendFile(settings.file, `${revision.revision} ${runId}\n`);
    return { state: 'succeeded' };
  },
});
