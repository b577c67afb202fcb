import { describe } from 'node:test';
import { access } from './access.ts';
import { mishaps } from './mishaps.ts';
import { stackOf } from './stack-of.ts';
import { synthesizeStory } from './story.ts';

describe('the synthesized stack, hindered', () => {
  const synthesized = stackOf((folder) => synthesizeStory(folder));

  describe('is none the worse for', () => mishaps(synthesized));
  describe('lets in', () => access(synthesized));
});
