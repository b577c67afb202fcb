import { after, before } from 'node:test';
import { type TemporaryFolder, temporaryFolder } from '../../support/temporary-folder.ts';

/** A stack that is synthesized once, before the tests of a `describe`, into a folder that goes after them. */
export function stackOf<Stack>(synthesize: (folder: string) => Promise<Stack>): () => Stack {
  let folder: TemporaryFolder | undefined;
  let made: Stack | undefined;
  before(async () => {
    folder = await temporaryFolder();
    made = await synthesize(folder.path);
  });
  after(() => folder?.remove());
  return () => {
    if (made === undefined) throw new Error('the stack is not synthesized yet');
    return made;
  };
}
