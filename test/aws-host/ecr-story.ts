import type { TestContext } from 'node:test';
import {
  type EmbeddedRegistry,
  startEmbeddedRegistry,
} from '../../shared/embedded-registry/embedded-registry.ts';
import { plantFiles } from '../support/sample-artifacts.ts';
import { accessKeyOf } from '../support/template-host/start-host.ts';
import { REGION } from '../support/template-host/template-host.ts';
import { openStory, type Story, type Synthesized } from './story.ts';
import { startTunnel } from './tunnel.ts';

export interface EcrStory extends Story {
  /** What answers as the account's ECR, and takes only its tokens. */
  readonly ecr: EmbeddedRegistry;
  /** Pushes to the repository that the source `web/ecr` watches. */
  plant(text: string): void;
  /** Ends the suspension that the stack's documents begin with. */
  watch(): void;
}

/** A deployed stack, and an ECR that the source `web/ecr` watches from now on. */
export async function openEcr(t: TestContext, synthesized: Synthesized): Promise<EcrStory> {
  const user = { AWS: '' };
  const ecr = await startEmbeddedRegistry({ auth: { kind: 'basic', users: user } });
  t.after(() => ecr.close());
  const proxy = await startTunnel(t, ecr.url);
  const story = await openStory(t, synthesized, { HTTP_PROXY: proxy });
  const { role } = story.host.lambda('FunctionsReconcile').options;
  user.AWS = `${accessKeyOf(role)} ${REGION} 1`;
  return {
    ...{ ...story, ecr },
    plant: (text) => void plantFiles(ecr, 'latest', { 'index.html': text }, { repository: 'team/ecr' }),
    watch: () => story.edit((text) => text.replace('suspend: true', 'suspend: false')),
  };
}
