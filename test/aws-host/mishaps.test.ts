import { describe } from 'node:test';
import { access } from './support/access.ts';
import { mishaps } from './support/mishaps.ts';
import { stackOf } from './support/stack-of.ts';
import { synthesizeStory } from './support/story.ts';

describe('the synthesized stack, hindered', () => {
  const synthesized = stackOf((folder) => synthesizeStory(folder));

  describe('is none the worse for', () => mishaps(synthesized));
  describe('lets in', () => access(synthesized));
});
