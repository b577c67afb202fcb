import { after, before, describe } from 'node:test';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder.ts';
import { faults } from './faults.ts';
import { mainJob } from './main-job.ts';
import { type Synthesized, synthesizeStory } from './story.ts';

describe('the synthesized stack', () => {
  let folder: TemporaryFolder;
  let synthesized: Synthesized;
  before(async () => {
    folder = await temporaryFolder();
    synthesized = await synthesizeStory(folder.path);
  });
  after(() => folder.remove());
  const stack = (): Synthesized => synthesized;

  describe('does its main job', () => mainJob(stack));
  describe('survives', () => faults(stack));
});
