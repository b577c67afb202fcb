import { describe } from 'node:test';
import { faults } from './support/faults.ts';
import { mainJob } from './support/main-job.ts';
import { stackOf } from './support/stack-of.ts';
import { synthesizeStory } from './support/story.ts';

describe('the synthesized stack', () => {
  const synthesized = stackOf((folder) => synthesizeStory(folder));

  describe('does its main job', () => mainJob(synthesized));
  describe('survives', () => faults(synthesized));
});
