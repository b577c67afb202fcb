import type { TestContext } from 'node:test';
import {
  type EmbeddedRegistry,
  startEmbeddedRegistry,
} from '../../../embedded-registry/embedded-registry.ts';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { accessKeyOf } from '../../support/template-host/start-host.ts';
import { REGION } from '../../support/template-host/template-host.ts';
import { openStory, type Story, type Synthesized } from './story.ts';
import { startTunnel } from './tunnel.ts';

export interface EcrStory extends Story {
  /** What answers as the account's ECR, and takes only its tokens. */
  readonly ecr: EmbeddedRegistry;
  /** Pushes to the repository that the source `web/ecr` watches. */
  plant(text: string): void;
  /** Ends the suspension that the stack's documents begin with, with the repository that this story is of. */
  watch(): void;
}

export interface EcrOptions {
  readonly repository?: string;
  /** What ECR takes, told the key of reconcile's own role. Default: a token for that. */
  readonly password?: (accessKey: string) => string;
}

/** What the stand-in of ECR gives first to whoever has this key. */
export const firstToken = (accessKey: string): string => `${accessKey} ${REGION} 1`;

/** A deployed stack, and an ECR that the source `web/ecr` watches from now on. */
export async function openEcr(
  t: TestContext,
  synthesized: Synthesized,
  { repository = 'team/ecr', password = firstToken }: EcrOptions = {},
): Promise<EcrStory> {
  const user = { AWS: '' };
  const ecr = await startEmbeddedRegistry({ auth: { kind: 'basic', users: user } });
  t.after(() => ecr.close());
  const proxy = await startTunnel(t, ecr.url);
  const story = await openStory(t, synthesized, { HTTP_PROXY: proxy });
  const { role } = story.host.lambda('FunctionsReconcile').options;
  user.AWS = password(accessKeyOf(role));
  return {
    ...{ ...story, ecr },
    plant: (text) => void plantFiles(ecr, 'latest', { 'index.html': text }, { repository }),
    watch: () =>
      story.edit((text) => text.replace('team/ecr', repository).replace('suspend: true', 'suspend: false')),
  };
}
