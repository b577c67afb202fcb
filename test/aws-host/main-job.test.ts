import { describe } from 'node:test';
import { faults } from './faults.ts';
import { mainJob } from './main-job.ts';
import { stackOf } from './stack-of.ts';
import { synthesizeStory } from './story.ts';

describe('the synthesized stack', () => {
  const synthesized = stackOf((folder) => synthesizeStory(folder));

  describe('does its main job', () => mainJob(synthesized));
  describe('survives', () => faults(synthesized));
});
