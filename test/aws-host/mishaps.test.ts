import { after, before, describe } from 'node:test';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder.ts';
import { access } from './access.ts';
import { mishaps } from './mishaps.ts';
import { type Synthesized, synthesizeStory } from './story.ts';

describe('the synthesized stack, hindered', () => {
  let folder: TemporaryFolder;
  let synthesized: Synthesized;
  before(async () => {
    folder = await temporaryFolder();
    synthesized = await synthesizeStory(folder.path);
  });
  after(() => folder.remove());
  const stack = (): Synthesized => synthesized;

  describe('is none the worse for', () => mishaps(stack));
  describe('lets in', () => access(stack));
});
